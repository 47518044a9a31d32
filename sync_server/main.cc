#include "sync_server/commands/program.h"

int main(int argc, char** argv) { return baraza::server::RunProgram(argc, argv); }
