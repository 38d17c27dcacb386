// A time series may be large: some kilobytes a sample, thousands of samples, hundreds of hosts. So it goes to rank 0 in
// pieces of some megabytes, host after host, and from there into the file at once. How many pieces each host has is
// agreed upon first, so that all ranks make the same calls.
#include "workloads/training/host_record.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/host_name.h"
#include "base/threads.h"
#include "results/timeseries.h"
#include "workloads/training/host_snapshot.h"

namespace stoker::training {

namespace {

constexpr std::size_t kPieceBytes = std::size_t{4} << 20;

std::string text_of(const host::Samples& samples, std::size_t index) {
  return results::dump_line(samples.json(index));
}

// How many samples make a piece: they are about as long as the first.
std::size_t samples_per_piece(const host::Samples& samples) {
  return samples.size() == 0 ? 1 : std::max<std::size_t>(1, kPieceBytes / text_of(samples, 0).size());
}

// The number of samples, a blank, and the samples as TimeseriesWriter::add takes them.
std::string piece(const host::Samples& samples, std::size_t per_piece, std::size_t index) {
  const std::size_t begin = std::min(samples.size(), index * per_piece);
  const std::size_t end = std::min(samples.size(), begin + per_piece);
  std::string text = fmt::format("{} ", end - begin);
  for (std::size_t i = begin; i < end; ++i) {
    if (i != begin) text += ",\n";
    text += text_of(samples, i);
  }
  return text;
}

void add_piece(results::TimeseriesWriter& writer, std::string_view text) {
  const auto blank = text.find(' ');
  if (blank == std::string_view::npos) return;
  writer.add(text.substr(blank + 1), std::stoll(std::string(text.substr(0, blank))));
}

}  // namespace

HostRecorder::HostRecorder(HostRecordRequest request, const host::Proc& proc, const Clock& clock,
                           dist::Communicator& comm)
    : request_(std::move(request)), proc_(proc), clock_(clock), comm_(comm), start_(clock.wall()) {
  record_.snapshots.collection_method = request_.method;
  auto start = gather_snapshot(comm_, describe(), request_.method);
  if (!start) {
    status_ = start.error();
  } else if (comm_.rank() == 0) {
    record_.snapshots.start = std::move(*start);
    status_ = write_record();
  }
  if (!leader() || request_.timeseries.empty()) return;
  const Status sampling = caught([&]() -> Status {
    sampler_.emplace(proc_, clock_, request_.interval, request_.max_samples);
    return {};
  });
  if (!sampling && status_) status_ = sampling.error();
}

std::optional<results::HostInfo> HostRecorder::describe() const {
  if (!leader()) return std::nullopt;
  return proc_.host_info(clock_.wall(), request_.method == "local" ? host::Detail::kFull : host::Detail::kShort);
}

void HostRecorder::stop() {
  if (sampler_) sampler_->stop();
  end_ = clock_.wall();
  my_end_ = describe();
}

Status HostRecorder::write_record() {
  return results::write_host_record(request_.record, record_);
}

// Rank 0, when the others are gone: its own host, and the names of the others.
void HostRecorder::keep_own_end(const Error& reason) {
  results::SystemInfo own;
  own.collection_method = request_.method;
  if (my_end_) {
    own.hosts = {*my_end_};
    own.collection_timestamp = my_end_->collection_timestamp;
  }
  const auto& hosts = record_.snapshots.start.hosts;
  for (std::size_t i = 1; i < hosts.size(); ++i) own.missing_hosts.push_back({hosts[i].hostname, reason.message});
  record_.snapshots.end = std::move(own);
}

Result<results::TimeseriesInfo> HostRecorder::write_series() {
  const auto hosts = static_cast<std::size_t>(comm_.node().count);
  const auto mine = static_cast<std::size_t>(comm_.node().index);
  const host::Samples* const samples = sampler_ ? &sampler_->stop() : nullptr;
  const std::size_t per_piece = samples != nullptr ? samples_per_piece(*samples) : 1;
  std::vector<double> pieces(hosts, 0);
  if (samples != nullptr) {
    const std::size_t whole = (samples->size() + per_piece - 1) / per_piece;
    pieces[mine] = static_cast<double>(whole);
  }
  // From here on rank 0 goes on to the end even when its file cannot be written: the others send all they have.
  const Status met = comm_.all_reduce(pieces, dist::Op::kSum);

  results::TimeseriesHead head{.interval_seconds = to_seconds(request_.interval),
                               .start = start_,
                               .end = end_,
                               .collection_method = request_.method,
                               .hosts_requested = {}};
  for (const auto& host : record_.snapshots.start.hosts) head.hosts_requested.push_back(host.hostname);
  std::optional<results::TimeseriesWriter> writer;
  Status written;
  if (comm_.rank() == 0) {
    auto created = results::TimeseriesWriter::create(request_.timeseries, head);
    if (created) {
      writer.emplace(std::move(*created));
    } else {
      written = created.error();
    }
  }
  Status gathered = met;
  for (std::size_t h = 0; h < hosts && gathered; ++h) {
    if (writer) writer->begin_host(head.hosts_requested.at(h));
    for (std::size_t i = 0; i < static_cast<std::size_t>(pieces[h]) && gathered; ++i) {
      const auto texts = comm_.gather(h == mine && samples != nullptr ? piece(*samples, per_piece, i) : "", 0);
      if (!texts) {
        gathered = texts.error();
        break;
      }
      for (const std::string& text : *texts) {
        if (writer) add_piece(*writer, text);
      }
    }
  }
  if (!gathered && writer) {
    // A new file with what this host has, which needs nobody else.
    writer.reset();
    auto created = results::TimeseriesWriter::create(request_.timeseries, head);
    if (!created) return created.error();
    writer.emplace(std::move(*created));
    writer->begin_host(host_name());
    for (std::size_t i = 0; samples != nullptr && i * per_piece < samples->size(); ++i)
      add_piece(*writer, piece(*samples, per_piece, i));
  }
  results::TimeseriesInfo info{.file = request_.timeseries.filename().string(),
                               .interval_seconds = head.interval_seconds};
  if (writer) {
    written = writer->finish();
    info.num_samples = writer->num_samples();
    info.hosts_collected = writer->hosts_collected();
  }
  STOKER_TRY(written);
  return info;
}

Status HostRecorder::finish() {
  Status result;
  auto end = gather_snapshot(comm_, my_end_, request_.method);
  if (!end) {
    result = end.error();
    if (comm_.rank() == 0) keep_own_end(end.error());
  } else if (comm_.rank() == 0) {
    record_.snapshots.end = std::move(*end);
  }
  if (!request_.timeseries.empty()) {
    auto series = write_series();
    if (!series) {
      if (result) result = series.error();
    } else if (comm_.rank() == 0) {
      record_.timeseries = std::move(*series);
    }
  }
  if (comm_.rank() == 0) {
    if (Status written = write_record(); !written) return written;
  }
  return result;
}

}  // namespace stoker::training
