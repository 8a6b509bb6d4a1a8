#!/usr/bin/env bats
# commit: of a container in whatever state, which stays what it was; and of which directories.
# shellcheck disable=SC2016 # what stands in single quotes is for the container, jq or Python

load lib/bundle
load lib/commit
load lib/large

@test "a level of messages without warnings has no warning" {
	make_layers
	start_idle
	change_everything
	run minirun --log-level error --rootless auto commit --quiet --diff "$ID" "$T/diff.tar"
	expect_status 0
	expect_output ""
	run minirun --log-level error --debug commit --quiet --diff "$ID" "$T/diff.tar"
	expect_text "2 sockets are left out"
}

@test "created, running and stopped containers; what it was it stays" {
	make_bundle '.process.args = ["sh", "-c", "echo new >/new"]'
	minirun create --bundle "$BUNDLE" "$ID" </dev/null >"$T/log" 2>&1
	minirun commit --quiet --diff "$ID" "$T/created.tar"
	expect_equal "$(state_of "$ID")" created
	expect_equal "$(tar_py list "$T/created.tar" | wc -l)" 1
	pid=$(minirun state "$ID" | jq .pid)
	minirun start "$ID"
	wait_end "$pid"
	minirun commit --quiet --diff "$ID" "$T/stopped.tar"
	expect_equal "$(state_of "$ID")" stopped
	run tar_py list "$T/stopped.tar"
	expect_text "./new file"
	minirun commit --quiet "$ID" "$T/merged.tar"
	run tar_py list "$T/merged.tar"
	expect_text "./new file"
}

# The hierarchy that freezes: v1's, or the one of v2.
freezer_file() {
	local directory=/sys/fs/cgroup/freezer/$ID
	if [[ -d $directory ]]; then
		echo "$directory/freezer.state"
	else
		find /sys/fs/cgroup -path "*/$ID/cgroup.freeze" | head -n 1
	fi
}

# By hand, as if somebody else had paused it.
pause() {
	local file tries
	file=$(freezer_file)
	if [[ $file == */freezer.state ]]; then echo FROZEN >"$file"; else echo 1 >"$file"; fi
	for ((tries = 0; tries < 1000; tries++)); do
		[[ $(state_of "$ID") != paused ]] || return 0
	done
	return 1
}

unpause() {
	local file
	file=$(freezer_file)
	if [[ $file == */freezer.state ]]; then echo THAWED >"$file"; else echo 0 >"$file"; fi
}

@test "a paused container stays paused" {
	make_bundle
	start_idle
	pause
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	expect_equal "$(state_of "$ID")" paused
	minirun commit --quiet "$ID" "$T/merged.tar"
	expect_equal "$(state_of "$ID")" paused
	unpause
	expect_equal "$(state_of "$ID")" running
}

# A commit in the background that has begun to write and is held up by its reader. Sets
# committer, and opens descriptor 8 as the reading side.
start_commit() { # FIFO [OPTION...]
	local fifo=$1
	shift
	mkfifo "$fifo"
	"$MINIRUN" --root "$ROOT" --data-root "$DATA" commit --quiet "$@" "$ID" - >"$fifo" &
	committer=$!
}

@test "frozen while it is read, running after a kill -9 of who reads" {
	make_large_bundle
	start_idle
	start_commit "$T/fifo"
	exec 8<"$T/fifo"
	[[ $(head -c 1 <&8) == . ]]
	expect_equal "$(state_of "$ID")" paused
	read -ra children <<<"$(<"/proc/$committer/task/$committer/children")"
	guardian=${children[0]}
	kill -9 "$committer"
	wait "$committer" || true
	exec 8<&-
	wait_end "$guardian"
	expect_equal "$(state_of "$ID")" running
	pid=$(minirun state "$ID" | jq .pid)
	stop_idle
	wait_end "$pid"
}

@test "not frozen with --no-pause" {
	make_large_bundle
	start_idle
	start_commit "$T/fifo" --no-pause
	exec 8<"$T/fifo"
	[[ $(head -c 1 <&8) == . ]]
	expect_equal "$(state_of "$ID")" running
	cat <&8 >"$T/rest"
	exec 8<&-
	wait "$committer"
}

@test "two at once: the first one's end does not thaw the container of the second" {
	make_large_bundle
	start_idle
	start_commit "$T/first"
	first=$committer
	exec 8<"$T/first"
	[[ $(head -c 1 <&8) == . ]]
	start_commit "$T/second"
	exec 9<"$T/second"
	# It waits for the first, and writes nothing.
	run timeout 1 head -c 1 <&9
	expect_status 124
	cat <&8 >"$T/rest"
	exec 8<&-
	wait "$first"
	[[ $(head -c 1 <&9) == . ]]
	expect_equal "$(state_of "$ID")" paused
	cat <&9 >"$T/rest"
	exec 9<&-
	wait "$committer"
	expect_equal "$(state_of "$ID")" running
}

@test "neither mount points that were made nor what is mounted is in it" {
	mkdir -p "$T/volume"
	echo secret >"$T/volume/file"
	make_bundle '.mounts += [
		{ destination: "/missing/place", type: "bind", source: $volume, options: ["rbind"] },
		{ destination: "/root", type: "bind", source: $volume, options: ["rbind"] },
		{ destination: "/missing-file", type: "bind", source: ($volume + "/file"), options: ["bind"] }]' \
		--arg volume "$T/volume"
	start_idle
	minirun commit --quiet "$ID" "$T/merged.tar"
	run tar_py list "$T/merged.tar"
	expect_text "./root directory" "./etc/motd file"
	expect_no_text missing ./root/ ./proc/ ./dev/ ./sys/
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	expect_equal "$(tar_py list "$T/diff.tar" | wc -l)" 1
}

@test "a root without layers: merged is what is in it, a diff cannot be told" {
	make_plain_bundle
	start_idle
	printf 'open("new", "w").close()\nos.setxattr("new", "user.x", b"1")\n' | in_container
	minirun commit --quiet "$ID" "$T/merged.tar"
	run tar_py list "$T/merged.tar"
	expect_text "./etc/motd file" "./new file" "user.x=31"
	expect_no_text ./proc/ ./dev/
	run minirun commit --diff "$ID" "$T/diff.tar"
	expect_status 1
	expect_one_line
	expect_text "has no overlay root"
}

@test "reading leaves no trace, not even in the time of access" {
	make_bundle
	start_idle
	in_container <<-'END'
		with open("file", "w") as file:
		    file.write("data")
		os.mkdir("directory")
		os.utime("file", (1000, 1000))
		os.utime("directory", (1000, 1000))
	END
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	minirun commit --quiet "$ID" "$T/merged.tar"
	expect_equal "$(stat -c %X "$DATA"/containers/*/upper/{file,directory} | sort -u)" 1000
}

@test "a layer that has been replaced is refused" {
	make_layers
	start_idle
	mv "$LAYERS/low" "$LAYERS/moved"
	run minirun commit "$ID" "$T/image.tar"
	expect_status 1
	expect_text "cannot find '$LAYERS/low'"
	mkdir "$LAYERS/low"
	for mode in --merged --diff; do
		run minirun commit "$mode" "$ID" "$T/image.tar"
		expect_status 1
		expect_one_line
		expect_text "'$LAYERS/low' has been replaced"
	done
	expect_absent "$T/image.tar"
}

@test "a container that is not there" {
	run minirun commit "$ID" "$T/image.tar"
	expect_status 1
	expect_one_line
	expect_text "'$ID' does not exist"
	expect_absent "$T/image.tar"
}
