#include <actorbus/actors/router.hpp>

#include <algorithm>
#include <cassert>

#include <actorbus/actors/route_builder.hpp>
#include <actorbus/actors/route_cache.hpp>
#include <actorbus/actors/subscriber_index.hpp>
#include <actorbus/actors/subscription_tree.hpp>
#include <actorbus/actors/write_versions.hpp>

namespace actorbus {

namespace {

std::uint64_t next_router_id() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

} // namespace

struct router::implementation {
  explicit implementation(std::uint64_t seed) : tree(seed, retired) {}

  const std::uint64_t id = next_router_id();
  write_versions versions;
  retire_list retired;
  subscription_tree tree;
  subscriber_index index;
  std::size_t count = 0;
  std::size_t shared = 0;

  /// Unlinks a subscription that is gone from the index already.
  void drop(tree_subscription& subscription) {
    auto* place = subscription.place;
    shared -= place->type == tree_place::kind::group ? 1 : 0;
    place->subscriptions.remove(subscription, retired);
    versions.advance(place->stripe); // before anything that routes point to is retired
    retired.retire(&subscription, sizeof subscription);
    tree.prune(place);
    --count;
  }
};

router::router(std::uint64_t seed) : impl_(std::make_unique<implementation>(seed)) {}

router::~router() {
  impl_->index.for_each([](const subscriber_index::record& each) {
    each.subscriptions.for_each([](tree_subscription& last) { delete &last; });
  });
}

router::added router::subscribe(const std::shared_ptr<subscriber>& to, std::string_view filter,
                                const subscription_options& options) {
  auto& place = impl_->tree.make(filter);
  auto wanted = options;
  wanted.no_local = options.no_local && place.type != tree_place::kind::group;
  auto packed = pack_options(wanted);

  auto& own = impl_->index.make(to).subscriptions;
  if (auto* present = own.find(&place)) {
    if (present->options.load(std::memory_order_relaxed) != packed) {
      present->options.store(packed, std::memory_order_release);
      impl_->versions.advance(place.stripe);
    }
    return added::replaced;
  }
  auto* made = new tree_subscription{to.get(), &place, packed, 0};
  own.insert(made);
  place.subscriptions.add(*made, impl_->retired);
  impl_->versions.advance(place.stripe);
  ++impl_->count;
  impl_->shared += place.type == tree_place::kind::group ? 1 : 0;
  impl_->retired.collect_if_due();
  return added::is_new;
}

bool router::unsubscribe(const subscriber& from, std::string_view filter) {
  auto* place = impl_->tree.find(filter);
  auto* own = impl_->index.find(from);
  if (!place || !own)
    return false;
  auto* present = own->subscriptions.find(place);
  if (!present)
    return false;
  own->subscriptions.erase(present);
  impl_->drop(*present);
  if (own->subscriptions.size() == 0)
    impl_->retired.retire(impl_->index.erase(from));
  impl_->retired.collect_if_due();
  return true;
}

void router::remove(const subscriber& from) {
  auto* own = impl_->index.find(from);
  if (!own)
    return;
  own->subscriptions.for_each([this](tree_subscription& each) {
    impl_->drop(each);
    impl_->retired.collect_if_due();
  });
  impl_->retired.retire(impl_->index.erase(from));
  impl_->retired.collect_if_due();
}

void router::collect() {
  impl_->retired.collect();
}

const route* router::find(std::string_view topic) const {
  assert(routing_guard::held());
  auto& cache = route_cache::of_this_thread();
  if (const auto* known = cache.find(impl_->id, impl_->versions, topic))
    return known;
  auto made = std::make_unique<cached_route>();
  made->router = impl_->id;
  made->topic = topic;
  made->stripe = impl_->tree.stripe_of(topic);
  made->stamp = impl_->versions.stamp(made->stripe); // before the tree is read
  thread_local route_builder builder;
  builder.build(impl_->tree, topic, made->value);
  return cache.insert(std::move(made));
}

std::size_t router::shared_size() const noexcept {
  return impl_->shared;
}

std::size_t router::size() const noexcept {
  return impl_->count;
}

std::size_t router::size(const subscriber& of) const noexcept {
  const auto* own = impl_->index.find(of);
  return own ? own->subscriptions.size() : 0;
}

std::vector<std::string> router::filters(const subscriber& of, std::size_t most) const {
  std::vector<std::string> result;
  const auto* own = impl_->index.find(of);
  if (!own)
    return result;
  own->subscriptions.for_some(
      most, [&](const tree_subscription& each) { result.push_back(filter_of(*each.place)); });
  std::sort(result.begin(), result.end());
  return result;
}

bool router::is_heard(std::string_view filter) const {
  const auto* place = impl_->tree.find(filter);
  if (!place)
    return false;
  auto result = false;
  place->subscriptions.for_each([&](const tree_subscription& each) {
    result = result || each.to->online.load(std::memory_order_relaxed);
  });
  return result;
}

} // namespace actorbus
