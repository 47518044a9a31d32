#ifndef BARAZA_TESTS_SIMULATION_ORACLE_H_
#define BARAZA_TESTS_SIMULATION_ORACLE_H_

#include <map>
#include <set>
#include <string>
#include <vector>

namespace baraza::sim {

// What must be true, kept in the plainest way there is: it knows nothing of operations' contents,
// of merging, matching or figures, and links nothing of the product.
//
// A deed is something that somebody did on a device: a capture, an edit, a void. It is done once
// the device said OK, and lies on that device from then on. It may be gone only when every disk
// that had it is gone: a phone that was wiped or put back to an older image, a server that was put
// back to an older backup. Of a deed whose answer was an error, or never came, nothing is known: it
// may be there or not.
class Oracle {
 public:
  enum class Kind { kCapture, kEdit, kVoid };
  struct Deed {
    Kind kind = Kind::kCapture;
    // Of a void: the capture that it takes back.
    int of = -1;
    // Of a capture: which real session it reports, and whether that is one that counts.
    int session = -1;
    bool counts = false;
    // The operation, as far as the device has told.
    std::string op_id;
    bool done = false;
  };

  // A deed is begun before the device is asked; its number is what tells it from others wherever it
  // turns up.
  int Begin(Deed deed);
  // The device said OK.
  void Done(int deed, const std::string& node, const std::string& op_id);
  // The server acknowledged the operation.
  void Acknowledged(const std::string& op_id);

  // --- Disks ---
  void Copy(const std::string& from_node, const std::string& to_node);
  void Wipe(const std::string& node);
  // An image of the node's disk, and back to it.
  void TakeImage(const std::string& node, const std::string& image);
  void PutBack(const std::string& node, const std::string& image);
  void BackUpServer(const std::string& backup, const std::set<std::string>& log);
  void RestoreServer(const std::string& backup);

  // --- Verdicts ---
  // Operations that must be on the server (in the log or visibly in quarantine) once every device
  // has synced.
  std::set<std::string> Required() const;
  const std::set<std::string>& acknowledged() const { return acknowledged_; }
  // How many sessions count when these deeds have reached the server.
  int SessionsThatCount(const std::set<int>& deeds) const;

  const Deed& deed(int number) const { return deeds_.at(static_cast<size_t>(number)); }
  int deeds() const { return static_cast<int>(deeds_.size()); }

 private:
  std::vector<Deed> deeds_;
  std::map<std::string, std::set<std::string>> on_disk_;
  std::map<std::string, std::set<std::string>> images_;
  std::set<std::string> acknowledged_;
  std::map<std::string, std::set<std::string>> backups_;
};

}  // namespace baraza::sim

#endif  // BARAZA_TESTS_SIMULATION_ORACLE_H_
