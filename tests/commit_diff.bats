#!/usr/bin/env bats
# commit --diff: what a container changed, and how layers and upper hide each other.
# shellcheck disable=SC2016 # what stands in single quotes is for the container, jq or Python

load lib/bundle
load lib/commit

@test "what is changed, applied over the layers, is the merged view" {
	make_layers
	start_idle
	change_everything
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	minirun commit --quiet "$ID" "$T/merged.tar"
	tar_py apply "$T/diff.tar" "$LAYERS/top" "$LAYERS/low" "$IMAGE" >"$T/applied"
	tar_py state "$T/merged.tar" >"$T/merged"
	diff "$T/applied" "$T/merged"
	[[ $(wc -l <"$T/merged") -gt 250 ]]
	run tar_py list "$T/merged.tar"
	expect_no_text .wh. socket
}

@test "what is not changed is not in the diff, and whiteouts come first" {
	make_layers
	start_idle
	change_everything
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	tar_py list "$T/diff.tar" | cut -d' ' -f1 >"$T/names"
	diff - "$T/names" <<-'END'
		.
		./.wh.gone
		./.wh.removed
		./.wh.removed-too
		./.wh.sockets
		./again
		./again/.wh..wh..opq
		./again/deep
		./again/deep/new
		./again/same
		./etc
		./etc/motd
		./etc/passwd
		./kept
		./kept/.wh.b
		./kept/a
		./long-link
		./long-link/inside
		./made
		./made/renamed
		./made/renamed/file
		./made/second
		./made/second/file
		./swapped
		./typed
		./typed/file
		./typed/file/now-a-directory
		./z
	END
	run tar_py list "$T/diff.tar"
	# Overlayfs gives all whiteouts one inode: they are no links.
	expect_no_text " link "
	expect_text "./.wh.gone file 0 0:0 0 0 "
	# etc, kept and the others are in it with what they have, though only their content changed.
	expect_text "./kept directory 755 0:0 "
}

@test "a name that would be a deletion in a layer is refused" {
	make_bundle
	start_idle
	local name
	for name in .wh.name .wh. .wh..wh..opq; do
		printf 'open("root/%s", "w").close()\n' "$name" | in_container
		for mode in --diff --merged; do
			run minirun commit "$mode" "$ID" "$T/diff.tar"
			expect_status 1
			expect_one_line
			expect_text "'./root/$name' cannot be in a layer" "rename or remove it"
		done
		printf 'os.remove("root/%s")\n' "$name" | in_container
	done
	expect_absent "$T/diff.tar"
}

@test "so is a deletion of such a name" {
	make_layers
	echo marker >"$LAYERS/low/kept/.wh..opq"
	start_idle
	printf 'os.remove("kept/.wh..opq")\n' | in_container
	run minirun commit --diff "$ID" "$T/diff.tar"
	expect_status 1
	expect_one_line
	expect_text "the deletion of './kept/.wh..opq' cannot be in a layer" "use --merged"
	minirun commit --quiet "$ID" "$T/merged.tar"
}

@test "what the host has mounted on an upper is not the container's" {
	make_layers
	mkdir "$T/upper" "$T/work" "$T/upper/place" "$T/mounted"
	echo host >"$T/mounted/file"
	edit_config '.root.overlay += { upper: $upper, work: $work }' --arg upper "$T/upper" --arg work "$T/work"
	start_idle
	mount --bind "$T/mounted" "$T/upper/place"
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	umount "$T/upper/place"
	run tar_py list "$T/diff.tar"
	expect_text "./place directory"
	expect_no_text place/file
}

@test "what the host has mounted on a layer hides nothing of it" {
	make_layers
	mkdir "$T/empty"
	mount --bind "$T/empty" "$LAYERS/low/kept"
	start_idle
	printf 'os.remove("kept/b")\n' | in_container
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	umount "$LAYERS/low/kept"
	run tar_py list "$T/diff.tar"
	expect_text "./kept/.wh.b file"
}

@test "500 layers, the most there can be: the upper is one more" {
	local lowers
	mkdir -p "$T"/layers/{1..499}
	for layer in {1..499}; do echo "$layer" | tee "$T/layers/$layer/top" >"$T/layers/$layer/of-$layer"; done
	rm "$T/layers/499/top"
	lowers=$(printf '%s\n' "$T"/layers/{1..499} | jq -R . | jq -s .)
	make_bundle '.root.overlay.lower = $lowers + [$image] | .process.args = ["sh", "-c",
		"echo new >/new; rm /of-498 /of-499"]' --argjson lowers "$lowers" --arg image "$IMAGE"
	minirun run --keep --bundle "$BUNDLE" "$ID"
	minirun commit --quiet "$ID" "$T/merged.tar"
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	minirun delete "$ID"
	tar_py state "$T/merged.tar" >"$T/merged"
	tar_py apply "$T/diff.tar" "$T"/layers/{1..499} "$IMAGE" | diff - "$T/merged"
	grep -q '^./of-497 file' "$T/merged"
	run grep -E '^./of-49[89] ' "$T/merged"
	expect_output ""
}

@test "a whiteout in a directory that only one layer has" {
	mkdir -p "$T/layer/odd"
	mknod "$T/layer/odd/nothing" c 0 0
	echo here >"$T/layer/odd/file"
	make_bundle '.root.overlay.lower = [$layer, $image] | .process.args = ["true"]' \
		--arg layer "$T/layer" --arg image "$IMAGE"
	minirun run --keep --bundle "$BUNDLE" "$ID"
	minirun commit --quiet "$ID" "$T/merged.tar"
	run tar_py list "$T/merged.tar"
	expect_text "./odd/file"
	expect_no_text nothing
}

@test "an upper with marks of other overlays is refused for a diff" {
	make_layers
	mkdir "$T/upper" "$T/work"
	edit_config '.root.overlay += { upper: $upper, work: $work }' --arg upper "$T/upper" --arg work "$T/work"
	edit_config '.process.args = ["true"]'
	minirun run --keep --bundle "$BUNDLE" "$ID"
	mkdir "$T/upper/renamed"
	python3 -c 'import os, sys; os.setxattr(sys.argv[1], "trusted.overlay.redirect", b"kept")' "$T/upper/renamed"
	run minirun commit --diff "$ID" "$T/diff.tar"
	expect_status 1
	expect_one_line
	expect_text "'./renamed' has overlay.redirect" "use --merged"
}

@test "the marks of whiteouts as attributes are understood" {
	make_layers
	mkdir "$T/upper" "$T/work"
	edit_config '.root.overlay += { upper: $upper, work: $work } | .process.args = ["true"]' \
		--arg upper "$T/upper" --arg work "$T/work"
	minirun run --keep --bundle "$BUNDLE" "$ID"
	mkdir "$T/upper/kept"
	touch "$T/upper/kept/b"
	python3 - "$T/upper/kept" <<-'END'
		import os, sys
		os.setxattr(sys.argv[1], "trusted.overlay.opaque", b"x")
		os.setxattr(sys.argv[1] + "/b", "trusted.overlay.whiteout", b"")
	END
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	expect_equal "$(tar_py list "$T/diff.tar" | cut -d' ' -f1 | paste -sd' ')" ". ./kept ./kept/.wh.b"
}

@test "what is deleted in a higher layer already is not deleted again" {
	make_layers
	mkdir "$T/upper" "$T/work" "$LAYERS/middle"
	mknod "$LAYERS/middle/z" c 0 0
	edit_config '.root.overlay.lower = [$layers + "/middle", $layers + "/low", $image]' \
		--arg layers "$LAYERS" --arg image "$IMAGE"
	start_idle
	in_container <<-'END'
		open("z", "w").close()
		os.remove("z")
		os.mkdir("z")
	END
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	expect_equal "$(tar_py list "$T/diff.tar" | cut -d' ' -f1 | paste -sd' ')" ". ./z"
}
