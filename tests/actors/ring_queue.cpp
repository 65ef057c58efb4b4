#include <actorbus/actors/ring_queue.hpp>

#include <catch2/catch.hpp>

#include <deque>
#include <memory>
#include <random>

namespace actorbus::test {

TEST_CASE("a ring queue gives back in the order of taking, across growth and turns", "[ring_queue]") {
  std::mt19937 random{1};
  ring_queue<int> subject;
  std::deque<int> model;
  auto wrong = 0;
  for (int i = 0; i < 20'000; ++i) {
    const auto grows = (i / 1000) % 2 == 0 ? 2u : 1u; // two thirds in, then two thirds out
    if (random() % 3 < grows) {
      subject.push_back(i);
      model.push_back(i);
    } else if (!model.empty()) {
      if (subject.front() != model.front() || subject.pop_front() != model.front())
        ++wrong;
      model.pop_front();
    }
    if (subject.size() != model.size() || subject.empty() != model.empty())
      ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("a ring queue lets go of what was taken out", "[ring_queue]") {
  auto value = std::make_shared<int>(1);
  ring_queue<std::shared_ptr<int>> subject;
  subject.push_back(value);
  subject.push_back(value);
  subject.pop_front();
  CHECK(value.use_count() == 2);
  subject.clear();
  CHECK(value.use_count() == 1);
  CHECK(subject.empty());
  subject.push_back(value);
  CHECK(subject.pop_front() == value);
}

} // namespace actorbus::test
