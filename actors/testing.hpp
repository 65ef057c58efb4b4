#pragma once

// For tests of programs on the bus, with any test framework: what fails throws.

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/link_tap.hpp>
#include <actorbus/actors/thread_driver.hpp>
#include <actorbus/actors/typed_message.hpp>
#include <actorbus/actors/virtual_system.hpp>

namespace actorbus::testing {

/// What a test expected did not happen; the text says what did.
class expectation_failed : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// A bus in the test's own thread and on virtual time, for the program under test. Nothing happens
/// by itself: actors run while the test waits for something or lets time pass. A call of a client
/// that would block runs them, too. The same test takes the same course each time.
///
/// One thread only, and one `test_bus` at a time in it. Clients of the bus end before it does.
class test_bus {
public:
  /// The test's own client has this identifier; what it publishes is no one's achievement.
  static constexpr std::string_view tester_id = "test";

  test_bus() : test_bus(actorbus::bus::options{}) {}
  /// @param settings without a seed it gets one, the same each time
  explicit test_bus(actorbus::bus::options settings);
  ~test_bus();
  test_bus(const test_bus&) = delete;
  test_bus& operator=(const test_bus&) = delete;

  /// For the program under test.
  actorbus::bus& bus() noexcept;
  operator actorbus::bus&() noexcept { return bus(); }

  /// The test's own client, connected.
  client& tester() noexcept;

  /// Publishes as the test's client, after all that was begun before, and lets everybody act on it.
  /// @throws expectation_failed if the broker refuses it
  void publish(std::string topic, std::string payload, protocol::qos quality = {},
               bool retain = false);

  template <class T, class E = msgpack_encoding>
    requires encodes<E, T>
  void publish_value(std::string topic, const T& value, const E& encoding = {}) {
    auto message = encode_message({.topic = std::move(topic)}, value, encoding);
    if (!message)
      throw expectation_failed{message.error().text};
    publish(std::move(*message));
  }
  void publish(outgoing_message message);

  // -- time -------------------------------------------------------------------------------------

  /// Lets everybody act until nobody has anything to do; no time passes.
  void run();
  /// Lets time pass.
  void advance(std::chrono::milliseconds time);
  /// Virtual time since the bus was made.
  std::chrono::milliseconds elapsed() const;

  // -- expectations -----------------------------------------------------------------------------

  /// Waits for a client's PUBLISH. Each one that was returned counts once: the next call looks for
  /// another. They may come in any order, those of one filter are found in theirs.
  /// @param filter  of the topic, with wildcards
  /// @param within  virtual time; it only passes while there is no such PUBLISH
  /// @param payload nothing: any
  /// @throws expectation_failed with what was published meanwhile
  recorded_packet expect_publish(std::string_view filter, std::chrono::milliseconds within = {},
                                 std::optional<std::string_view> payload = std::nullopt);

  /// Waits for a PUBLISH and reads its value.
  /// @throws expectation_failed also where the payload is no `T`
  template <class T, class E = msgpack_encoding>
    requires encodes<E, T> T expect_value(std::string_view filter,
                                          std::chrono::milliseconds within = {},
                                          const E& encoding = {}) {
      auto packet = expect_publish(filter, within);
      incoming_message message;
      message.payload = packet.payload;
      message.properties = packet.properties;
      auto value = decode_message<T>(message, encoding);
      if (!value)
        throw expectation_failed{to_string(packet) + ": " + value.error().text};
      return std::move(*value);
    }

  /// Lets time pass, in which no client publishes anything that `filter` matches.
  /// @throws expectation_failed also for what came before and no `expect_publish` returned
  void expect_silence(std::string_view filter, std::chrono::milliseconds during = {});

  /// Every packet of every client so far, both ways.
  const std::vector<recorded_packet>& traffic() const noexcept;

  /// The same as text, a line each; for `expectation_failed`, logs and comparison.
  std::string transcript() const;

  // -- faults -----------------------------------------------------------------------------------

  /// Cuts a link at a packet that will come.
  void cut_at(cut_point where);
  /// Cuts the link of a client now, or all links but the test's.
  /// @throws expectation_failed if there is none
  void cut(std::string_view client_id = {});
  /// While it is so, whoever connects is told that nobody is there.
  void refuse_connections(bool refuses = true);

private:
  struct parts;

  std::optional<std::size_t> find(std::string_view filter,
                                  std::optional<std::string_view> payload) const;
  std::string failure(std::string_view what) const;

  std::unique_ptr<parts> parts_;
  std::vector<bool> expected_; ///< of the traffic, what was returned by `expect_publish`
};

} // namespace actorbus::testing
