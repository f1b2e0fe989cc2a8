/* SPDX-License-Identifier: Apache-2.0 */
/* commands.h: every command, each defined with its options and words in cmd_<name>.c. */
#pragma once
#include "cli/command.h"

extern const KilnCommand kiln_cmd_build;
extern const KilnCommand kiln_cmd_completion;
extern const KilnCommand kiln_cmd_db;
extern const KilnCommand kiln_cmd_diff;
extern const KilnCommand kiln_cmd_help;
extern const KilnCommand kiln_cmd_inspect;
extern const KilnCommand kiln_cmd_lock;
extern const KilnCommand kiln_cmd_man;
extern const KilnCommand kiln_cmd_rebuild;
extern const KilnCommand kiln_cmd_run;
extern const KilnCommand kiln_cmd_sbom;
extern const KilnCommand kiln_cmd_scan;
extern const KilnCommand kiln_cmd_test;
extern const KilnCommand kiln_cmd_version;
extern const KilnCommand kiln_cmd_vex;
extern const KilnCommand kiln_cmd_why;
