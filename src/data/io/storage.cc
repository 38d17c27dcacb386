#include "data/io/storage.h"

#include "base/check.h"

namespace stoker::io {

Result<MutBytes> WritableFile::lend() {
  return lent_.resize(kPieceBytes);
}

Status WritableFile::give_back(std::size_t bytes) {
  STOKER_CHECK(bytes <= lent_.size(), "more is given back than was lent");
  return append(lent_.bytes().first(bytes));
}

}  // namespace stoker::io
