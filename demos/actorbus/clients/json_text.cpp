#include "clients/message_json.hpp"

namespace actorbus::demos {

namespace {

/// Reads JSON and writes it without blanks.
class compactor {
public:
  explicit compactor(std::string_view text) : rest_(text) {}

  std::optional<std::string> run() {
    skip_blanks();
    if (!value(0))
      return std::nullopt;
    skip_blanks();
    if (!rest_.empty())
      return std::nullopt;
    return std::move(out_);
  }

private:
  static constexpr int depth_max = 200;

  void skip_blanks() {
    while (!rest_.empty() && std::string_view{" \t\r\n"}.find(rest_.front()) != rest_.npos)
      rest_.remove_prefix(1);
  }

  void take(std::size_t count) {
    out_ += rest_.substr(0, count);
    rest_.remove_prefix(count);
  }

  bool take_if(char c) {
    if (!rest_.starts_with(c))
      return false;
    take(1);
    return true;
  }

  bool take_word(std::string_view word) {
    if (!rest_.starts_with(word))
      return false;
    take(word.size());
    return true;
  }

  bool value(int depth) {
    if (rest_.empty() || depth > depth_max)
      return false;
    switch (rest_.front()) {
    case '{': return list('}', depth, true);
    case '[': return list(']', depth, false);
    case '"': return string();
    case 't': return take_word("true");
    case 'f': return take_word("false");
    case 'n': return take_word("null");
    default: return number();
    }
  }

  bool list(char end, int depth, bool has_keys) {
    take(1);
    skip_blanks();
    if (take_if(end))
      return true;
    for (;;) {
      if (has_keys) {
        if (!rest_.starts_with('"') || !string())
          return false;
        skip_blanks();
        if (!take_if(':'))
          return false;
        skip_blanks();
      }
      if (!value(depth + 1))
        return false;
      skip_blanks();
      if (take_if(end))
        return true;
      if (!take_if(','))
        return false;
      skip_blanks();
    }
  }

  bool string() {
    std::size_t end = 1;
    for (; end < rest_.size() && rest_[end] != '"'; ++end) {
      if (static_cast<unsigned char>(rest_[end]) < 0x20)
        return false;
      if (rest_[end] == '\\' &&
          (++end == rest_.size() || std::string_view{"\"\\/bfnrtu"}.find(rest_[end]) == rest_.npos))
        return false;
    }
    if (end >= rest_.size())
      return false;
    take(end + 1);
    return true;
  }

  bool digits() {
    std::size_t count = 0;
    while (count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9')
      ++count;
    take(count);
    return count != 0;
  }

  bool number() {
    take_if('-');
    if (!take_if('0') && !digits())
      return false;
    if (take_if('.') && !digits())
      return false;
    if (take_if('e') || take_if('E')) {
      if (!take_if('+'))
        take_if('-');
      return digits();
    }
    return true;
  }

  std::string_view rest_;
  std::string out_;
};

} // namespace

std::optional<std::string> compact_json(std::string_view text) {
  return compactor{text}.run();
}

std::string pretty_json(std::string_view compact) {
  std::string out;
  std::string open; // the brackets that we are in
  auto in_string = false;
  auto new_line = [&] { out += '\n' + std::string(open.size(), '\t'); };
  for (std::size_t i = 0; i < compact.size(); ++i) {
    auto c = compact[i];
    auto in_object = !open.empty() && open.back() == '{';
    if (in_string) {
      out += c;
      if (c == '\\')
        out += compact[++i];
      in_string = c != '"';
      continue;
    }
    switch (c) {
    case '"':
      in_string = true;
      out += c;
      break;
    case '{':
    case '[':
      out += c;
      if (compact[i + 1] == c + 2) { // empty; both pairs lie two apart
        out += compact[++i];
        break;
      }
      open += c;
      if (c == '{')
        new_line();
      break;
    case '}':
    case ']':
      open.pop_back();
      if (c == '}')
        new_line();
      out += c;
      break;
    case ',':
      out += c;
      if (in_object)
        new_line();
      else
        out += ' ';
      break;
    case ':': out += ":\t"; break;
    default: out += c;
    }
  }
  return out;
}

} // namespace actorbus::demos
