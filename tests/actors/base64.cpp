#include <actorbus/actors/base64.hpp>

#include <catch2/catch.hpp>

using namespace actorbus;

TEST_CASE("bytes become base64 as RFC 4648 has it, and back") {
  struct row {
    std::string_view bytes;
    std::string_view text;
  };
  // Section 10 of the RFC, and what is no text.
  for (auto [bytes, text] :
       {row{"", ""}, row{"f", "Zg=="}, row{"fo", "Zm8="}, row{"foo", "Zm9v"}, row{"foob", "Zm9vYg=="},
        row{"fooba", "Zm9vYmE="}, row{"foobar", "Zm9vYmFy"}, row{{"\0\xff\xfe", 3}, "AP/+"}}) {
    CHECK(to_base64(bytes) == text);
    CHECK(from_base64(text) == std::string{bytes});
  }
}

TEST_CASE("what is no base64 is refused") {
  for (auto text : {"Z", "Zg", "Zg=", "Zg===", "====", "Z===", "Zg==Zg==", "Zm9v\n", "Zm 9", "Zm9-", "=Zm9"})
    CHECK_FALSE(from_base64(text));
}
