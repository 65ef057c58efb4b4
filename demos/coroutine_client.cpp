// The same client in coroutines: a worker that takes jobs until it is told to stop, with a time-out.

#include <iostream>
#include <stop_token>

#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/task.hpp>

using namespace std::chrono_literals;
using actorbus::protocol::qos;

actorbus::task<int> work(actorbus::client& client, std::stop_token stop) {
  int done = 0;
  while (auto job = co_await client.receive().until(stop)) {
    std::cout << "working on " << job->payload << '\n';
    co_await client.publish("results", std::string{job->payload} + " is done", qos::at_least_once);
    ++done;
  }
  co_return done;
}

actorbus::task<> order(actorbus::client& client, std::stop_source& stop) {
  co_await client.subscribe("results");
  for (auto name : {"a chair", "a table"}) {
    co_await client.publish("jobs", name, qos::exactly_once);
    if (auto result = co_await client.receive().within(5s))
      std::cout << result->payload << '\n';
  }
  stop.request_stop();
}

actorbus::task<> workshop(actorbus::bus& bus) {
  std::stop_source stop;
  auto worker = bus.make_client();
  auto customer = bus.make_client();
  co_await worker.connect();
  co_await customer.connect();
  co_await worker.subscribe("jobs");
  auto ordered = actorbus::start(order(customer, stop)); // beside the worker
  std::cout << co_await work(worker, stop.get_token()) << " jobs\n";
  co_await std::move(ordered);
  co_await worker.disconnect();
  co_await customer.disconnect();
}

int main() {
  actorbus::bus bus;
  actorbus::run(workshop(bus));
}
