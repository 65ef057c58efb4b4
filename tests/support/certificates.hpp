#pragma once

#include "temporary_folder.hpp"

#include <memory>
#include <string>

namespace actorbus::test {

/// What a certificate is made like; times in days from now.
struct certificate_request {
  std::string common_name;
  std::string host; ///< of the subject alternative names; empty: none. "IP:127.0.0.1" for a number
  int valid_from = -1;
  int valid_to = 1;
};

/// Makes certificates in a folder that goes with it: nothing secret is ever stored.
class certificate_authority {
public:
  explicit certificate_authority(const std::string& name = "test authority");
  ~certificate_authority();
  certificate_authority(const certificate_authority&) = delete;
  certificate_authority& operator=(const certificate_authority&) = delete;

  const std::string& folder() const { return folder_.path(); }

  /// The authority's own certificate.
  std::string file() const { return folder() + "/ca.pem"; }

  /// Where `issue` puts what it makes.
  std::string certificate(const std::string& name) const { return folder() + '/' + name + ".pem"; }
  std::string key(const std::string& name) const { return folder() + '/' + name + ".key"; }

  /// Makes NAME.pem and NAME.key, replacing them.
  /// @param passphrase protects the key; empty: nothing does
  void issue(const std::string& name, const certificate_request& what, const std::string& passphrase = "");

  /// Makes NAME.pem, a list that says which certificate holds no longer.
  void revoke(const std::string& name, const std::string& certificate);

private:
  struct keys;

  temporary_folder folder_;
  std::unique_ptr<keys> own_;
  long serial_ = 1;
};

} // namespace actorbus::test
