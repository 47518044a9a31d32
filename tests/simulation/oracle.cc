#include "tests/simulation/oracle.h"

#include <utility>

namespace baraza::sim {

int Oracle::Begin(Deed deed) {
  deeds_.push_back(std::move(deed));
  return static_cast<int>(deeds_.size()) - 1;
}

void Oracle::Done(int deed, const std::string& node, const std::string& op_id) {
  Deed& done = deeds_.at(static_cast<size_t>(deed));
  done.done = true;
  done.op_id = op_id;
  on_disk_[node].insert(op_id);
}

void Oracle::Acknowledged(const std::string& op_id) { acknowledged_.insert(op_id); }

void Oracle::Copy(const std::string& from_node, const std::string& to_node) {
  on_disk_[to_node] = on_disk_[from_node];
}

void Oracle::Wipe(const std::string& node) { on_disk_[node].clear(); }

void Oracle::TakeImage(const std::string& node, const std::string& image) {
  images_[image] = on_disk_[node];
}

void Oracle::PutBack(const std::string& node, const std::string& image) {
  on_disk_[node] = images_[image];
}

void Oracle::BackUpServer(const std::string& backup, const std::set<std::string>& log) {
  backups_[backup] = log;
}

void Oracle::RestoreServer(const std::string& backup) {
  const std::set<std::string>& log = backups_[backup];
  std::set<std::string> left;
  for (const std::string& op_id : acknowledged_) {
    if (log.count(op_id) > 0) left.insert(op_id);
  }
  acknowledged_ = std::move(left);
}

std::set<std::string> Oracle::Required() const {
  std::set<std::string> required = acknowledged_;
  for (const auto& [node, operations] : on_disk_) {
    required.insert(operations.begin(), operations.end());
  }
  return required;
}

int Oracle::SessionsThatCount(const std::set<int>& deeds) const {
  std::set<int> taken_back;
  for (const int number : deeds) {
    if (deed(number).kind == Kind::kVoid) taken_back.insert(deed(number).of);
  }
  std::set<int> sessions;
  for (const int number : deeds) {
    const Deed& capture = deed(number);
    if (capture.kind == Kind::kCapture && capture.counts && taken_back.count(number) == 0) {
      sessions.insert(capture.session);
    }
  }
  return static_cast<int>(sessions.size());
}

}  // namespace baraza::sim
