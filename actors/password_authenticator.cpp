#include <actorbus/actors/password_authenticator.hpp>

#include <utility>

namespace actorbus {

using protocol::reason_code;

namespace {

/// Above so many exchanges those are looked for whose clients have given up.
constexpr std::size_t exchanges_many = 1'000;

} // namespace

password_authenticator::password_authenticator(caf::actor_config& config,
                                               std::shared_ptr<const password_list> list)
    : batch_actor(config, nullptr), list_(std::move(list)), secret_(random_bytes(32)) {}

bool password_authenticator::on_message(caf::mailbox_element& element) {
  return match_message<authenticate, continue_authentication, authentication_abandoned,
                       replace_passwords>(element, [this](auto& message) { on(message); });
}

void password_authenticator::on(authenticate& request) {
  if (now() >= request.deadline)
    return;
  auto vouched_for = request.policy && request.policy->identity_is_user && request.identity;
  if (!request.method.empty() && request.method != scram_method)
    answer(request.reply_to, {request.attempt, reason_code::bad_authentication_method});
  else if (!request.method.empty())
    begin_scram(request);
  else if (vouched_for)
    answer(request.reply_to, {request.attempt, reason_code::success});
  else if (request.user_name)
    check_password(request);
  else // the broker has asked the listener whether that is allowed
    answer(request.reply_to,
           {request.attempt,
            request.password ? reason_code::bad_user_name_or_password : reason_code::success});
}

// A user that doesn't exist costs as much as a wrong password, and is told the same.
void password_authenticator::check_password(const authenticate& request) {
  const auto* known = list_->find(*request.user_name);
  auto is_right = verify_password(known ? *known : decoy_for(*request.user_name),
                                  request.password.value_or(""));
  auto let_in = known != nullptr && request.password && is_right;
  answer(request.reply_to,
         {request.attempt, let_in ? reason_code::success : reason_code::bad_user_name_or_password});
}

void password_authenticator::begin_scram(const authenticate& request) {
  if (exchanges_.size() >= exchanges_many)
    forget_late_ones();
  exchange started;
  if (!started.scram.begin(request.data)) {
    answer(request.reply_to, {request.attempt, reason_code::bad_user_name_or_password});
    return;
  }
  const auto& user = started.scram.user();
  const auto* known = list_->find(user);
  started.client = request.reply_to;
  started.is_known = known != nullptr;
  started.deadline = request.deadline;
  verdict question{request.attempt, reason_code::continue_authentication};
  question.data = started.scram.challenge(known ? *known : decoy_for(user), new_scram_nonce());
  exchanges_.insert_or_assign(request.attempt, std::move(started));
  answer(request.reply_to, std::move(question));
}

void password_authenticator::on(continue_authentication& request) {
  auto found = exchanges_.find(request.attempt);
  if (found == exchanges_.end())
    return;
  auto ended = std::move(found->second);
  exchanges_.erase(found);
  auto proof = ended.scram.finish(request.data);
  verdict result{request.attempt, reason_code::bad_user_name_or_password};
  if (proof && ended.is_known) {
    result.code = reason_code::success;
    result.data = std::move(*proof);
    result.user_name = ended.scram.user();
  }
  answer(ended.client, std::move(result));
}

void password_authenticator::on(authentication_abandoned& message) {
  exchanges_.erase(message.attempt);
}

void password_authenticator::on(replace_passwords& message) {
  list_ = std::move(message.list);
}

void password_authenticator::answer(const caf::actor& to, verdict what) {
  post(to, std::move(what), context());
}

// The salt of a user that doesn't exist: always the same one, so that nobody can tell by asking
// twice; its keys fit no password.
scram_verifier password_authenticator::decoy_for(std::string_view user) const {
  auto salt = hmac_sha256(secret_, user);
  scram_verifier result;
  result.salt.assign(salt.begin(), salt.begin() + 16);
  result.iterations = list_->iterations();
  return result;
}

void password_authenticator::forget_late_ones() {
  auto time = now();
  std::erase_if(exchanges_, [&](const auto& each) { return each.second.deadline <= time; });
}

void password_authenticator::on_exit() {
  exchanges_.clear();
}

} // namespace actorbus
