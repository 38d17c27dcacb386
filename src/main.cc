#include "app/commands/app.h"

int main(int argc, char** argv) {
  return stoker::app::run(argc, argv);
}
