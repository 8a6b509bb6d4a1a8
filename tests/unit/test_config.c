/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/error.h"
#include "check.h"
#include "oci/annotations.h"
#include "oci/config.h"
#include "oci/json.h"

static struct arena arena;
static char unknown_places[256];

static void note(const char *where)
{
	size_t used = strlen(unknown_places);

	(void)snprintf(unknown_places + used, sizeof(unknown_places) - used, "%s;",
		       where);
}

static struct config read_config(const char *text)
{
	struct config config = { 0 };
	struct error err;
	const struct json *json = json_parse(&arena, text, strlen(text), &err);

	unknown_places[0] = '\0';
	if (json == NULL || config_read(&config, json, &arena, note, &err) < 0)
		printf("# %s: %s\n", err.where, err.text);
	return config;
}

static void reads_the_process(void)
{
	struct config config = read_config(
		"{\"ociVersion\":\"1.0.2-dev\",\"process\":{\"terminal\":true,"
		"\"consoleSize\":{\"height\":24,\"width\":80},\"user\":{\"uid\":1000,\"gid\":5,"
		"\"umask\":18,\"additionalGids\":[4,4294967294]},\"args\":[\"a\",\"\"],"
		"\"env\":[\"A=\"],\"cwd\":\"/\",\"capabilities\":{\"ambient\":[\"CAP_KILL\"]},"
		"\"rlimits\":[{\"type\":\"RLIMIT_CORE\",\"soft\":0,"
		"\"hard\":18446744073709551615}],\"oomScoreAdj\":-999,"
		"\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"nice\":-5},"
		"\"ioPriority\":{\"class\":\"IOPRIO_CLASS_BE\",\"priority\":3},"
		"\"execCPUAffinity\":{\"final\":\"0-3\"}}}");
	const struct config_process *process = config.process;

	CHECK(process->terminal && process->console_size->height == 24);
	CHECK(process->user->uid == 1000 && *process->user->umask == 022);
	CHECK(process->user->additional_gids[1] == 4294967294);
	CHECK_TEXT(process->args[1], "");
	CHECK_TEXT(process->capabilities->ambient[0], "CAP_KILL");
	CHECK(process->capabilities->bounding == NULL);
	CHECK(process->rlimits[0].hard == UINT64_MAX);
	CHECK(*process->oom_score_adj == -999);
	CHECK(!process->no_new_privileges);
	CHECK_TEXT(process->scheduler->policy, "SCHED_OTHER");
	CHECK(process->scheduler->nice == -5 && process->scheduler->period == 0);
	CHECK_TEXT(process->io_priority->class, "IOPRIO_CLASS_BE");
	CHECK(process->io_priority->priority == 3);
	CHECK_TEXT(process->exec_cpu_affinity->final, "0-3");
	CHECK(process->exec_cpu_affinity->initial == NULL);
}

static void reads_network_devices(void)
{
	struct config config =
		read_config("{\"ociVersion\":\"1.3.0\",\"linux\":{\"netDevices\":{"
			    "\"eth0\":{\"name\":\"lan\"},\"eth1\":{}}}}");
	const struct config_linux *linux_ = config.linux_;

	CHECK(linux_->net_devices_count == 2);
	CHECK_TEXT(linux_->net_devices[0].key, "eth0");
	CHECK_TEXT(linux_->net_devices[0].name, "lan");
	CHECK_TEXT(linux_->net_devices[1].key, "eth1");
	CHECK(linux_->net_devices[1].name == NULL);
}

static void reads_intel_rdt(void)
{
	struct config config =
		read_config("{\"ociVersion\":\"1.3.0\",\"linux\":{\"intelRdt\":{"
			    "\"closID\":\"gold\",\"schemata\":[\"L2:0=f\"],"
			    "\"l3CacheSchema\":\"L3:0=f\",\"memBwSchema\":\"MB:0=50\","
			    "\"enableMonitoring\":true,\"enableCMT\":true,"
			    "\"enableMBM\":true}}}");
	const struct config_intel_rdt *rdt = config.linux_->intel_rdt;

	CHECK_TEXT(rdt->clos_id, "gold");
	CHECK_TEXT(rdt->schemata[0], "L2:0=f");
	CHECK(rdt->schemata[1] == NULL);
	CHECK_TEXT(rdt->l3_cache_schema, "L3:0=f");
	CHECK_TEXT(rdt->mem_bw_schema, "MB:0=50");
	CHECK(rdt->enable_monitoring && rdt->enable_cmt && rdt->enable_mbm);
}

static void reads_the_overlay(void)
{
	struct config config = read_config(
		"{\"ociVersion\":\"1.0.0\",\"root\":{\"overlay\":{\"lower\":[\"a\","
		"\"b.tar\"],\"upper\":\"u\",\"work\":\"w\",\"volatile\":true}}}");
	const struct config_overlay *overlay = config.root->overlay;

	CHECK(config.root->path == NULL);
	CHECK_TEXT(overlay->lower[1], "b.tar");
	CHECK(overlay->lower[2] == NULL);
	CHECK_TEXT(overlay->upper, "u");
	CHECK_TEXT(overlay->work, "w");
	CHECK(overlay->is_volatile);
}

static void reads_linux(void)
{
	struct config config = read_config(
		"{\"ociVersion\":\"1.0.0\",\"linux\":{\"namespaces\":[{\"type\":\"pid\"},"
		"{\"type\":\"network\",\"path\":\"/n\"}],\"devices\":[{\"type\":\"c\","
		"\"path\":\"/dev/x\",\"major\":1,\"minor\":3,\"fileMode\":438}],"
		"\"resources\":{\"devices\":[{\"allow\":true,\"type\":\"c\"}],"
		"\"memory\":{\"limit\":-1,\"disableOOMKiller\":false},"
		"\"cpu\":{\"shares\":1024,\"quota\":-1,\"cpus\":\"0-1\",\"idle\":1},"
		"\"pids\":{\"limit\":10}},\"maskedPaths\":[\"/proc/x\"],"
		"\"sysctl\":{\"net.x\":\"1\"},\"personality\":{\"domain\":\"LINUX\"},"
		"\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"0\"}}}");
	const struct config_linux *linux_ = config.linux_;

	CHECK(linux_->namespaces_count == 2);
	CHECK_TEXT(linux_->namespaces[1].path, "/n");
	CHECK(linux_->namespaces[0].path == NULL);
	CHECK(*linux_->devices[0].file_mode == 0666 && linux_->devices[0].uid == NULL);
	CHECK(linux_->resources->devices[0].allow);
	CHECK(linux_->resources->devices[0].major == NULL);
	CHECK(*linux_->resources->memory->limit == -1);
	CHECK(linux_->resources->memory->disable_oom_killer != NULL);
	CHECK(linux_->resources->memory->check_before_update == NULL);
	CHECK(*linux_->resources->cpu->shares == 1024 &&
	      *linux_->resources->cpu->idle == 1);
	CHECK(*linux_->resources->pids->limit == 10);
	CHECK_TEXT(linux_->masked_paths[0], "/proc/x");
	CHECK(linux_->readonly_paths == NULL);
	CHECK_TEXT(linux_->personality->domain, "LINUX");
	CHECK_TEXT(linux_->memory_policy->mode, "MPOL_BIND");
	CHECK_TEXT(linux_->memory_policy->nodes, "0");
	CHECK_TEXT(json_string(json_find(linux_->sysctl, "net.x")), "1");
}

static void reads_lists_of_resources(void)
{
	struct config config = read_config(
		"{\"ociVersion\":\"1.0.0\",\"linux\":{\"resources\":{\"memory\":{\"kernel\":-1,"
		"\"kernelTCP\":5,\"useHierarchy\":true},\"cpu\":{\"realtimeRuntime\":-1,"
		"\"realtimePeriod\":1000},\"blockIO\":{\"weight\":10,\"leafWeight\":11,"
		"\"weightDevice\":[{\"major\":8,\"minor\":1,\"weight\":12}],"
		"\"throttleReadBpsDevice\":[{\"major\":1,\"minor\":0,\"rate\":1}],"
		"\"throttleWriteBpsDevice\":[{\"major\":2,\"minor\":0,\"rate\":2}],"
		"\"throttleReadIOPSDevice\":[{\"major\":3,\"minor\":0,\"rate\":3}],"
		"\"throttleWriteIOPSDevice\":[{\"major\":4,\"minor\":0,\"rate\":4}]},"
		"\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":0}],"
		"\"network\":{\"classID\":7,\"priorities\":[{\"name\":\"lo\",\"priority\":3}]},"
		"\"rdma\":{\"mlx5_1\":{\"hcaHandles\":3}},\"unified\":{\"io.max\":\"x\"}}}}");
	const struct config_resources *resources = config.linux_->resources;
	const struct config_block_io *io = resources->block_io;

	CHECK(*resources->memory->kernel == -1 && *resources->memory->kernel_tcp == 5);
	CHECK(*resources->memory->use_hierarchy);
	CHECK(*resources->cpu->realtime_runtime == -1);
	CHECK(*resources->cpu->realtime_period == 1000);
	CHECK(io->weight == 10 && io->leaf_weight == 11);
	CHECK(io->weight_device_count == 1 && io->weight_device[0].weight == 12);
	CHECK(io->throttle_read_bps_device[0].rate == 1);
	CHECK(io->throttle_write_bps_device[0].rate == 2);
	CHECK(io->throttle_read_iops_device[0].rate == 3);
	CHECK(io->throttle_write_iops_device[0].rate == 4);
	CHECK_TEXT(resources->hugepage_limits[0].page_size, "2MB");
	CHECK(resources->network->class_id == 7);
	CHECK_TEXT(resources->network->priorities[0].name, "lo");
	CHECK_TEXT(resources->rdma[0].key, "mlx5_1");
	CHECK(*resources->rdma[0].hca_handles == 3 && resources->rdma_count == 1);
	CHECK(resources->rdma[0].hca_objects == NULL);
	CHECK_TEXT(json_string(json_find(resources->unified, "io.max")), "x");
}

static void reads_seccomp(void)
{
	struct config config = read_config(
		"{\"ociVersion\":\"1.0.0\",\"linux\":{\"seccomp\":{\"defaultAction\":"
		"\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,\"syscalls\":[{\"names\":[\"read\"],"
		"\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":5,"
		"\"value\":18446744073709551615,\"op\":\"SCMP_CMP_EQ\"}]}]}}}");
	const struct config_seccomp *seccomp = config.linux_->seccomp;

	CHECK(*seccomp->default_errno_ret == 38);
	CHECK(seccomp->syscalls_count == 1 && seccomp->syscalls[0].errno_ret == NULL);
	CHECK(seccomp->syscalls[0].args[0].value == UINT64_MAX);
	CHECK(seccomp->syscalls[0].args[0].value_two == 0);
}

static void gives_annotations_by_name(void)
{
	struct config config =
		read_config("{\"ociVersion\":\"1.0.0\","
			    "\"annotations\":{\"run.oci.hooks.stdout\":\"c\"}}");

	CHECK_TEXT(config_annotation(&config, ANNOTATION_HOOKS_STDOUT), "c");
	CHECK(config_annotation(&config, ANNOTATION_HOOKS_STDERR) == NULL);
	config = read_config("{\"ociVersion\":\"1.0.0\"}");
	CHECK(config_annotation(&config, ANNOTATION_HOOKS_STDOUT) == NULL);
}

static void each_annotation_has_a_name(void)
{
	for (enum annotation each = 0; each < ANNOTATIONS_COUNT; each++)
		CHECK(annotation_name(each) != NULL);
}

static void names_unknown_members(void)
{
	(void)read_config(
		"{\"ociVersion\":\"1.0.0\",\"more\":1,\"process\":{\"cwd\":\"/\","
		"\"user\":{\"username\":\"x\"}},\"mounts\":[{\"destination\":\"/a\","
		"\"label\":{}}],\"annotations\":{\"any\":\"thing\"}}");
	CHECK_TEXT(unknown_places, "more;process.user.username;mounts[0].label;");
}

static void reads_a_process_by_itself(void)
{
	static const char text[] = "{\"cwd\":\"/\",\"args\":[\"sh\"],\"x\":1}";
	struct config_process process;
	struct error err;
	const struct json *json = json_parse(&arena, text, strlen(text), &err);

	unknown_places[0] = '\0';
	CHECK(config_process_read(&process, json, &arena, note, &err) == 0);
	CHECK_TEXT(process.args[0], "sh");
	CHECK_TEXT(unknown_places, "x;");
	CHECK(config_process_read(&process, json->child, &arena, NULL, &err) == -1);
	CHECK_TEXT(err.text, "not an object");
}

int main(void)
{
	RUN(reads_the_process);
	RUN(reads_network_devices);
	RUN(reads_intel_rdt);
	RUN(reads_the_overlay);
	RUN(reads_linux);
	RUN(reads_lists_of_resources);
	RUN(reads_seccomp);
	RUN(gives_annotations_by_name);
	RUN(each_annotation_has_a_name);
	RUN(names_unknown_members);
	RUN(reads_a_process_by_itself);
	arena_release(&arena);
	return check_done();
}
