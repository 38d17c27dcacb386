#include "app/commands/data.h"

namespace stoker::app {

void add_data(CLI::App& app, int& exit_code) {
  CLI::App* data = app.add_subcommand("data", "looks at data files and data sets, whoever wrote them");
  data->require_subcommand(1);
  data->footer("example:\n  stoker data verify /mnt/data/unet3d --values\n  stoker data digest /mnt/data/unet3d");
  add_data_inspect(*data, exit_code);
  add_data_verify(*data, exit_code);
  add_data_digest(*data, exit_code);
}

}  // namespace stoker::app
