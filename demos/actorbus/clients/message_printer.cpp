#include "clients/message_printer.hpp"

#include <cerrno>
#include <iostream>

#include <unistd.h>

namespace actorbus::demos {

message_printer::message_printer(caf::actor_config& config, print_options options,
                                 std::atomic<bool>& failed, attention& caller)
    : batch_actor(config, nullptr),
      options_(std::move(options)),
      failed_(failed),
      caller_(caller) {}

bool message_printer::on_message(caf::mailbox_element& element) {
  return match_message<incoming_message>(element, [this](incoming_message& message) {
    print(message);
    if (out_.size() >= write_bytes)
      write();
  });
}

void message_printer::print(const incoming_message& message) {
  if (options_.format) {
    timespec now{};
    if (options_.format->needs_time())
      ::clock_gettime(CLOCK_REALTIME, &now);
    if (!options_.format->append(out_, {message, now}) && !options_.quiet)
      std::cerr << "actorbus: " << message.topic << ": the payload isn't JSON\n";
  } else if (message.payload.empty() && (options_.no_newline || !options_.verbose)) {
    return;
  } else if (options_.verbose) {
    out_ += message.topic;
    out_ += ' ';
    out_ += message.payload.empty() ? std::string_view{"(null)"} : message.payload;
  } else {
    out_ += message.payload;
  }
  if (!options_.no_newline)
    out_ += '\n';
}

void message_printer::write() {
  std::string_view rest{out_};
  while (!rest.empty() && !failed_) {
    auto count = ::write(STDOUT_FILENO, rest.data(), rest.size());
    if (count > 0) {
      rest.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno != EINTR) {
      failed_ = true;
      caller_.call();
    }
  }
  out_.clear();
}

} // namespace actorbus::demos
