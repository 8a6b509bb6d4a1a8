# podman.bash - how Podman comes to run minirun. Loaded after manager.bash.

# containers.conf. No limit is raised, as that takes CAP_SYS_RESOURCE, and there is no network.
podman_configuration() {
	cat <<-END
		[containers]
		netns = "none"
		default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
		pids_limit = $(if has_controller pids; then echo 100; else echo 0; fi)
		[engine]
		cgroup_manager = "cgroupfs"
		events_logger = "file"
		pull_policy = "never"
		runtime = "minirun"
		runtime_supports_json = ["minirun"]
		runtime_supports_nocgroup = ["minirun"]
		[engine.runtimes]
		minirun = ["$MINIRUN"]
	END
}
