#include "command_line.hpp"

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "nearest_name.hpp"

namespace actorbus::demos {

namespace {

// The innermost command that was named.
const CLI::App& chosen(const CLI::App& app) {
  auto inner = app.get_subcommands();
  return inner.empty() ? app : chosen(*inner.front());
}

std::string title(const CLI::App& command) {
  const auto* parent = command.get_parent();
  return parent ? title(*parent) + ' ' + command.get_name() : command.get_name();
}

std::string unknown_argument(const CLI::App& command, const std::string& argument) {
  std::vector<std::string> names;
  for (const auto* option : command.get_options({}))
    for (const auto& name : option->get_lnames())
      names.push_back("--" + name);
  auto is_flag = argument.size() > 1 && argument.front() == '-';
  if (!is_flag) {
    names.clear();
    for (const auto* inner : command.get_subcommands([](const CLI::App*) { return true; }))
      names.push_back(inner->get_name());
  }
  std::vector<std::string_view> views{names.begin(), names.end()};
  auto near = nearest_name(argument.substr(0, argument.find('=')), views);
  auto text = argument + (is_flag ? ": unknown flag" : ": not expected here");
  if (!is_flag && command.get_parent() == nullptr)
    text = argument + ": no such command";
  return near.empty() ? text : text + "; did you mean " + std::string{near} + '?';
}

std::string explain(const CLI::App& command, const CLI::ParseError& problem) {
  if (auto left = command.remaining(); !left.empty()) {
    auto flag = std::find_if(left.begin(), left.end(),
                             [](const auto& each) { return each.size() > 1 && each[0] == '-'; });
    return unknown_argument(command, flag == left.end() ? left.front() : *flag);
  }
  std::string text = problem.what();
  if (dynamic_cast<const CLI::RequiredError*>(&problem))
    text = text.starts_with("A subcommand") ? "no command given" : text;
  constexpr std::string_view conversion = "Could not convert: "; // "NAME = VALUE" follows
  if (text.starts_with(conversion)) {
    text.erase(0, conversion.size());
    if (auto equals = text.find(" = "); equals != text.npos)
      text.erase(equals + 1, 2);
    text += ": not a valid value";
  }
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

} // namespace

int report(const CLI::App& app, const CLI::ParseError& problem) {
  if (dynamic_cast<const CLI::Success*>(&problem))
    return app.exit(problem);
  const auto& command = chosen(app);
  std::cerr << "actorbus: " << explain(command, problem) << " (see " << title(command)
            << " --help)\n";
  return 1;
}

} // namespace actorbus::demos
