#include "data/format/image/decoder.h"

namespace stoker::format::image {

Result<Frame> Decoder::look(Bytes head, std::uint64_t file_bytes, Arena& memory) {
  memory.reset();
  return begin(head, file_bytes, memory);
}

Result<Decoder::Picture> Decoder::decode(Bytes file, Arena& memory) {
  STOKER_ASSIGN(const Frame frame, look(file, file.size(), memory));
  if (frame.memory_bytes() > chunk_memory_limit_bytes()) {
    return make_error(Code::kUnsupported, "its {} x {} pixels would take more than half of the memory", frame.width,
                      frame.height);
  }
  STOKER_ASSIGN(const MutBytes pixels, memory.allocate(frame.bytes()));
  STOKER_TRY(finish(frame, pixels));
  return Picture{frame, pixels};
}

std::unique_ptr<Decoder> make_decoder(Kind kind) {
  return kind == Kind::kJpeg ? make_jpeg_decoder() : make_png_decoder();
}

}  // namespace stoker::format::image
