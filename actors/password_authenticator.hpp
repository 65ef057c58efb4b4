#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include <actorbus/actors/authenticator.hpp>
#include <actorbus/actors/batch_actor.hpp>
#include <actorbus/actors/password_list.hpp>

namespace actorbus {

/// To a password authenticator: use this list from now on. Who is in stays in.
struct replace_passwords {
  std::shared_ptr<const password_list> list;
};

/// An authenticator with a list of users: checks the passwords of plain CONNECTs, and speaks
/// SCRAM-SHA-256 with clients that name it as their method. Lets in without a password who is
/// anonymous (where the listener allows that) or vouched for by the transport as a user.
///
/// Checking a password is slow on purpose; this actor does one after the other, so that it takes
/// one thread at most, and passes over those who don't wait any more.
class password_authenticator : public batch_actor {
public:
  password_authenticator(caf::actor_config& config, std::shared_ptr<const password_list> list);

  const char* name() const override { return "actorbus.password_authenticator"; }

protected:
  bool on_message(caf::mailbox_element& element) override;
  void on_exit() override;

private:
  /// A SCRAM exchange that waits for the client's proof.
  struct exchange {
    caf::actor client;
    scram_server scram;
    bool is_known = false; ///< there is such a user
    time_point deadline{};
  };

  void on(authenticate& request);
  void on(continue_authentication& request);
  void on(authentication_abandoned& message);
  void on(replace_passwords& message);

  void check_password(const authenticate& request);
  void begin_scram(const authenticate& request);
  void answer(const caf::actor& to, verdict what);
  scram_verifier decoy_for(std::string_view user) const;
  void forget_late_ones();

  std::shared_ptr<const password_list> list_;
  std::unordered_map<std::uint64_t, exchange> exchanges_;
  std::string secret_; ///< of this process: salts for users that don't exist
};

} // namespace actorbus

ACTORBUS_LOCAL_MESSAGE(actorbus::replace_passwords)
