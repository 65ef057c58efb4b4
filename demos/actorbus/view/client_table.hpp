#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <actorbus/actors/bus_figures.hpp>

#include "view/section.hpp"

namespace actorbus::demos {

/// How a table of clients is sorted. Of the first three the bus itself chooses who is listed.
enum class client_order : std::uint8_t { rate, queued, dropped, messages, bytes, name };

std::string_view to_string(client_order order) noexcept;
std::optional<client_order> client_order_of(std::string_view name) noexcept;

/// The order to ask the bus for.
figures_order order_at_bus(client_order order) noexcept;

void sort_clients(std::vector<session_figures>& clients, client_order order);

/// A line of a table of clients, with a word of one's own in front.
struct client_row {
  const session_figures* client = nullptr;
  std::string_view name;
  std::string_view kind; ///< of a participant; empty: the way that the client came by
  std::string_view does; ///< empty: its filters
};

/// A table of clients, with as many columns as have room.
section client_table(std::string_view title, std::span<const client_row> rows, std::size_t columns);

/// The same for clients without words of their own.
section client_table(std::string_view title, std::span<const session_figures> clients,
                     std::size_t columns);

/// A client in words, for a log.
std::string client_line(const client_row& row);

} // namespace actorbus::demos
