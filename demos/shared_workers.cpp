// Workers that share the load: each request goes to one of those who subscribed to the same share.

#include <iostream>
#include <map>
#include <string>
#include <vector>

#include <actorbus/actors/bus.hpp>
#include <actorbus/actors/msgpack_encoding.hpp>
#include <actorbus/actors/requester.hpp>
#include <actorbus/actors/responder.hpp>

using actorbus::answer;
using actorbus::operation;

int main() {
  actorbus::bus bus;

  std::vector<actorbus::client> workers;
  for (std::string name : {"anna", "berta", "carla"}) {
    workers.push_back(bus.connect({.client_id = name}));
    auto work = [name](const std::string&) { return name; };
    respond_with<std::string>(workers.back(), "jobs/paint", work, {.share = "painters"}).get();
  }

  auto office = bus.connect();
  actorbus::requester ask{office};
  std::vector<operation<answer<std::string>>> jobs;
  for (auto number = 1; number <= 9; ++number)
    jobs.push_back(ask.request<std::string>("jobs/paint", "fence " + std::to_string(number)));

  std::map<std::string, int> painted;
  for (auto& each : jobs)
    if (auto who = std::move(each).get())
      ++painted[*who];
  for (const auto& [name, count] : painted)
    std::cout << name << " painted " << count << '\n';
}
