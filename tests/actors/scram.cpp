#include <actorbus/actors/scram.hpp>

#include <actorbus/actors/password_list.hpp>

#include <catch2/catch.hpp>

namespace actorbus::test {

namespace {

// RFC 7677, section 3: user "user", password "pencil".
constexpr auto client_nonce = "rOprNGfwEbeRWgbNEkqO";
constexpr auto server_nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
constexpr auto salt = "\x5b\x6d\x99\x68\x9d\x12\x35\x8e\xec\xa0\x4b\x14\x12\x36\xfa\x81"; // W22ZaJ0SNY7soEsUEjb6gQ==
constexpr auto first = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
constexpr auto challenge = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
constexpr auto proof = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                       "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
constexpr auto server_proof = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

scram_verifier pencil() {
  return make_scram_verifier("pencil", salt, 4096);
}

} // namespace

TEST_CASE("SCRAM-SHA-256 speaks as in the example of RFC 7677", "[scram]") {
  SECTION("the server") {
    scram_server server;
    REQUIRE(server.begin(first));
    CHECK(server.user() == "user");
    CHECK(server.challenge(pencil(), server_nonce) == challenge);
    CHECK(server.finish(proof) == server_proof);
  }
  SECTION("the client") {
    scram_client client{"user", "pencil", client_nonce};
    CHECK(client.first() == first);
    CHECK(client.answer(challenge) == proof);
    CHECK(client.verify(server_proof));
    CHECK_FALSE(client.verify("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
    CHECK_FALSE(client.verify("e=other-error"));
  }
}

TEST_CASE("a proof is refused when anything of the exchange differs", "[scram]") {
  const std::string wrong = GENERATE(
      "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=eHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
      "c=biws,r=rOprNGfwEbeRWgbNEkqO,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
      "c=eSws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
      "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0", "c=biws,p=", "", ",p=");
  INFO(wrong);
  scram_server server;
  REQUIRE(server.begin(first));
  server.challenge(pencil(), server_nonce);
  CHECK_FALSE(server.finish(wrong));
}

TEST_CASE("a first message that is malformed or asks for channel binding is refused", "[scram]") {
  const std::string wrong =
      GENERATE("", "n", "n,,", "n,,n=user", "n,,n=user,r=", "n,,n=,r=abc", "p=tls-unique,,n=user,r=abc",
               "n,a=admin,n=user,r=abc", "n,,m=x,n=user,r=abc", "n,,n=us=er,r=abc", "n,,r=abc,n=user");
  INFO(wrong);
  scram_server server;
  CHECK_FALSE(server.begin(wrong));
}

TEST_CASE("user names may hold the characters that the messages are made of", "[scram]") {
  scram_client client{"a=b,c", "secret", "nonce"};
  CHECK(client.first() == "n,,n=a=3Db=2Cc,r=nonce");
  scram_server server;
  REQUIRE(server.begin(client.first()));
  CHECK(server.user() == "a=b,c");
}

TEST_CASE("a client refuses a challenge that is not for it, or would cost it minutes", "[scram]") {
  const std::string wrong =
      GENERATE("", "r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "r=nonce,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
               "r=nonceX,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4000000000", "r=nonceX,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1",
               "r=nonceX,s=W22Z=J0SNY7soEsUEjb6gQ==,i=4096", "r=nonceX,i=4096");
  INFO(wrong);
  scram_client client{"user", "pencil", "nonce"};
  CHECK_FALSE(client.answer(wrong));
}

TEST_CASE("a verifier is written in one line and read again", "[scram]") {
  // The keys follow from the password by RFC 5802; computed with Python's hashlib and hmac.
  const auto text = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
                    "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";
  CHECK(to_string(pencil()) == text);
  CHECK(parse_scram_verifier(text) == pencil());
  CHECK(verify_password(pencil(), "pencil"));
  CHECK_FALSE(verify_password(pencil(), "Pencil"));
  CHECK_FALSE(verify_password(pencil(), ""));
}

TEST_CASE("a password file holds a user a line", "[password_list]") {
  const auto line = "ann:" + to_string(pencil());
  const auto read = password_list::parse("# users\r\n\n" + line + "\r\n");
  REQUIRE(read);
  CHECK(read->size() == 1);
  REQUIRE(read->find("ann"));
  CHECK(*read->find("ann") == pencil());
  CHECK_FALSE(read->find("bob"));
  CHECK(read->to_text() == line + "\n");
}

TEST_CASE("a mistake in a password file is told with its line", "[password_list]") {
  const auto good = "ann:" + to_string(pencil()) + "\n";
  const auto [text, why] = GENERATE_COPY(table<std::string, std::string>({
      {good + "bob\n", "line 2: must be USER:VERIFIER"},
      {":" + to_string(pencil()), "line 1: must be USER:VERIFIER"},
      {good + good, "line 2: user \"ann\" was there before"},
      {"\nbob:$7$101$x$y",
       "line 2: what stands behind the user is no SCRAM-SHA-256 verifier; make the line with actorbus passwd"},
      {"bob:SCRAM-SHA-256$4096:$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
       "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
       "line 1: what stands behind the user is no SCRAM-SHA-256 verifier; make the line with actorbus passwd"},
  }));
  const auto read = password_list::parse(text);
  REQUIRE_FALSE(read);
  CHECK(read.error() == why);
}

} // namespace actorbus::test
