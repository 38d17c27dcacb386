// Who reads what. Of all rows together, steps = floor(rows / (B*n)) (at most steps_limit), and every rank reads exactly
// c = steps*B of them.
//
// F files of S rows each: w = floor(F/n) whole files are dealt to each rank: position p < w*n of the epoch's file order
// belongs to rank p mod n.
//
//   c <= w*S:  the rank reads the first c rows of its files.
//   c >  w*S:  the remaining F mod n files (positions w*n ... F-1) form one row range, of which rank r adds the rows
//              [r*x, (r+1)*x), x = c - w*S. There are always enough, since n*c <= F*S.
//   F < n:     nothing special: w = 0, the row range is everything, x = c, so rank r reads rows [r*c, (r+1)*c).
//
// Hence a rank's visits, in this order, each a function of its number:
//
//   [0, full)       its whole files, shuffled when samples are
//   full            the first rows of one more file, when c < w*S is no multiple of S (partial_rows_ > 0; then no tail)
//   [full, visits)  its share of the remainder, cut at file borders (tail_rows_ > 0; then no partial file)
//
// The file order is a permutation that all ranks share. Nothing is kept in tables: a plan over 10^8 files takes as long
// to make as one over ten.
//
// Files that differ: dealt in turn they would give the ranks different totals. So all rows form one line, in the
// epoch's file order, and rank r reads the rows [r*c, (r+1)*c) of it: whole files, but for the first and the last. The
// line ends at most B*n - 1 rows (or what the limit of steps leaves) behind the last rank's stretch.
#include "data/dataset/plan.h"

#include <algorithm>

#include "base/check.h"

namespace stoker::dataset {
namespace {

// Streams of the epoch's seed: the permutations must not resemble each other.
enum class Purpose : std::uint64_t { kFileOrder = 1, kVisitOrder = 2, kInsideFile = 3 };

std::uint64_t ranks_of(const PlanRequest& request) {
  return static_cast<std::uint64_t>(request.ranks);
}
std::uint64_t rank_of(const PlanRequest& request) {
  return static_cast<std::uint64_t>(request.rank);
}

std::uint64_t total_rows(const PlanRequest& request) {
  return request.row_counts ? request.row_counts->total() : request.files * request.samples_per_file;
}

// Row counts that are all the same are the case that needs no table.
PlanRequest without_equal_counts(PlanRequest request) {
  if (!request.row_counts || !request.row_counts->common()) return request;
  request.files = request.row_counts->files();
  request.samples_per_file = *request.row_counts->common();
  request.row_counts.reset();
  return request;
}

}  // namespace

std::uint64_t steps_per_epoch(const PlanRequest& request) {
  STOKER_CHECK(request.batch_size > 0 && request.ranks > 0);
  const std::uint64_t available = total_rows(request) / (request.batch_size * ranks_of(request));
  return request.steps_limit > 0 ? std::min(available, request.steps_limit) : available;
}

EpochPlan::EpochPlan(const PlanRequest& plan)
    : request_(without_equal_counts(plan)),
      row_counts_(plan.row_counts ? *plan.row_counts : RowCounts::equal(plan.files, plan.samples_per_file).value()),
      steps_(steps_per_epoch(plan)),
      rows_(steps_ * plan.batch_size),
      file_order_(request_.files, derive_seed(plan.file_seed, Purpose::kFileOrder)),
      visit_order_(0, 0) {
  const PlanRequest& request = request_;
  STOKER_CHECK(total_rows(request) > 0);
  STOKER_CHECK(request.rank >= 0 && request.rank < request.ranks);
  if (request.row_counts) {
    lay_line();
    return;
  }
  const std::uint64_t rows_per_file = request.samples_per_file;
  const std::uint64_t dealt_files = request.files / ranks_of(request);  // w
  const std::uint64_t dealt_rows = dealt_files * rows_per_file;
  std::uint64_t tail_visits = 0;
  if (rows_ <= dealt_rows) {
    whole_files_ = rows_ / rows_per_file;
    partial_rows_ = rows_ % rows_per_file;
  } else {
    whole_files_ = dealt_files;
    tail_rows_ = rows_ - dealt_rows;
    tail_begin_ = dealt_rows * ranks_of(request) + rank_of(request) * tail_rows_;
    tail_visits = (tail_begin_ + tail_rows_ - 1) / rows_per_file - tail_begin_ / rows_per_file + 1;
  }
  visits_ = whole_files_ + (partial_rows_ > 0 ? 1 : 0) + tail_visits;
  if (!request.shuffle_samples) return;
  const std::uint64_t visit_seed = derive_seed(request.sample_seed, Purpose::kVisitOrder, request.rank);
  if (request.by_sample) {
    visits_ = rows_;
    visit_order_ = Permutation(rows_, visit_seed);
  } else {
    visit_order_ = Permutation(whole_files_, visit_seed);
  }
}

void EpochPlan::lay_line() {
  std::optional<std::uint64_t> file_seed;
  std::optional<std::uint64_t> visit_seed;
  if (request_.shuffle_files) file_seed = derive_seed(request_.file_seed, Purpose::kFileOrder);
  const std::uint64_t order_seed = derive_seed(request_.sample_seed, Purpose::kVisitOrder, request_.rank);
  const bool by_sample = request_.shuffle_samples && request_.by_sample;
  if (request_.shuffle_samples && !by_sample) visit_seed = order_seed;
  line_ = std::make_shared<const RowLine>(*request_.row_counts, RowLine::Stretch{rank_of(request_) * rows_, rows_},
                                          file_seed, visit_seed);
  visits_ = line_->visits();
  if (by_sample) {
    visits_ = rows_;
    visit_order_ = Permutation(rows_, order_seed);
  }
}

std::uint64_t EpochPlan::dropped_rows() const {
  return total_rows(request_) - rows_ * ranks_of(request_);
}

std::uint64_t EpochPlan::file_at(std::uint64_t place) const {
  return request_.shuffle_files ? file_order_(place) : place;
}

Visit EpochPlan::visit(std::uint64_t k) const {
  STOKER_CHECK(k < visits_, "visit out of range");
  if (request_.shuffle_samples && request_.by_sample) return single_row(k);
  const std::uint64_t rows_per_file = request_.samples_per_file;
  Visit visit;
  if (line_) {
    visit = line_->visit(k);
  } else if (k < whole_files_) {
    const std::uint64_t turn = request_.shuffle_samples ? visit_order_(k) : k;
    visit.file = file_at(rank_of(request_) + turn * ranks_of(request_));
    visit.rows = rows_per_file;
    visit.position = k * rows_per_file;
  } else if (partial_rows_ > 0) {
    visit.file = file_at(rank_of(request_) + k * ranks_of(request_));
    visit.rows = partial_rows_;
    visit.position = k * rows_per_file;
  } else {
    const std::uint64_t place = tail_begin_ / rows_per_file + (k - whole_files_);
    const std::uint64_t begin = std::max(tail_begin_, place * rows_per_file);
    const std::uint64_t end = std::min(tail_begin_ + tail_rows_, (place + 1) * rows_per_file);
    visit.file = file_at(place);
    visit.first_row = begin - place * rows_per_file;
    visit.rows = end - begin;
    visit.position = whole_files_ * rows_per_file + (begin - tail_begin_);
  }
  if (request_.shuffle_samples) {
    // 0 means "in file order".
    visit.order_seed = std::max<std::uint64_t>(derive_seed(request_.sample_seed, Purpose::kInsideFile, visit.file), 1);
  }
  return visit;
}

Visit EpochPlan::single_row(std::uint64_t k) const {
  const std::uint64_t rows_per_file = request_.samples_per_file;
  const std::uint64_t row = visit_order_(k);  // of this rank's rows in unshuffled order
  if (line_) {
    Visit one = line_->row(row);
    one.position = k;
    return one;
  }
  const std::uint64_t dealt_rows = rows_ - tail_rows_;
  Visit visit{.rows = 1, .position = k};
  if (row < dealt_rows) {
    visit.file = file_at(rank_of(request_) + row / rows_per_file * ranks_of(request_));
    visit.first_row = row % rows_per_file;
  } else {
    const std::uint64_t global = tail_begin_ + (row - dealt_rows);
    visit.file = file_at(global / rows_per_file);
    visit.first_row = global % rows_per_file;
  }
  return visit;
}

}  // namespace stoker::dataset
