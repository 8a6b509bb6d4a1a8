#!/usr/bin/env bats
# commit of containers with a user namespace: the ids in the archive are those seen inside.
# shellcheck disable=SC2016 # what stands in single quotes is for the container, jq or Python

load lib/bundle
load lib/commit

# A bundle whose container has the ids 0 to 65535 from 100000 on.
make_mapped_bundle() { # [FILTER]
	make_bundle '.linux.namespaces += [{ type: "user" }] |
		.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }] |
		.linux.gidMappings = [{ containerID: 0, hostID: 200000, size: 65536 }] |
		.process.capabilities |= with_entries(.value += ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER"])'
	[[ $# -eq 0 ]] || edit_config "$@"
}

@test "owners, ACLs and file capabilities are those that the container sees" {
	mkdir "$T/layer"
	echo lower >"$T/layer/of-seven"
	chown 7:8 "$T/layer/of-seven"
	make_mapped_bundle '.root.overlay.lower = [$layer, $image] | .process.args = ["sh", "-c",
		"echo x >/new; chown 5:6 /new; touch /capable /listed; chown 9 /etc/passwd; rm /etc/motd; mkdir -m 700 /d"]' \
		--arg layer "$T/layer" --arg image "$IMAGE"
	minirun run --keep --bundle "$BUNDLE" "$ID"
	# As programs in it would have made them.
	python3 - "$DATA"/containers/*/upper <<-'END'
		import os, struct, sys
		os.chdir(sys.argv[1])
		assert os.stat("new").st_uid == 100005 and os.stat("new").st_gid == 200006
		os.setxattr("capable", "security.capability", struct.pack("<6I", 0x03000001, 0x400, 0, 0, 0, 100000))
		acl = [(1, 7, 0xffffffff), (2, 6, 100011), (4, 4, 0xffffffff), (8, 5, 200012), (16, 7, 0xffffffff), (32, 0, 0xffffffff)]
		os.setxattr("listed", "system.posix_acl_access", struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *e) for e in acl))
	END
	local mode
	for mode in --merged --diff; do
		minirun commit --quiet "$mode" "$ID" "$T/out.tar"
		run tar_py list "$T/out.tar"
		expect_status 0
		expect_match "\./new file 644 5:6 "
		expect_match "\./d directory 700 0:0 "
		expect_match "\./etc/passwd file [0-7]+ 9:0 "
		python3 - "$T/out.tar" <<-'END'
			import struct, sys, tarfile
			def attribute(name, key):
			    return file.getmember(name).pax_headers["SCHILY.xattr." + key].encode("utf-8", "surrogateescape")
			file = tarfile.open(sys.argv[1])
			assert attribute("./capable", "security.capability") == struct.pack("<5I", 0x02000001, 0x400, 0, 0, 0)
			entries = attribute("./listed", "system.posix_acl_access")[4:]
			ids = [struct.unpack("<HHI", entries[at:at + 8])[2] for at in range(0, len(entries), 8)]
			assert (ids[1], ids[3]) == (11, 12), ids
		END
	done
	run tar_py list "$T/out.tar"
	expect_text "./etc/.wh.motd"
	expect_no_text of-seven
	minirun commit --quiet "$ID" "$T/out.tar"
	run tar_py list "$T/out.tar"
	expect_match "\./of-seven file 644 7:8 "
	expect_no_text motd
	run minirun diff "$ID"
	expect_status 0
	expect_text "A /capable"$'\n'"A /d"
}

@test "its image, run again with other ids, is what it was" {
	make_mapped_bundle '.process.args = ["sh", "-c", "mkdir /d; echo text >/d/file; chown -R 3:4 /d; chmod 640 /d/file"]'
	minirun run --keep --bundle "$BUNDLE" "$ID"
	minirun commit --quiet "$ID" "$T/image.tar"
	minirun commit --quiet "$ID" "oci:$T/image"
	minirun delete "$ID"
	edit_config '.root.overlay.lower = [$tar] | .linux.uidMappings[0].hostID = 300000 |
		.process.args = ["stat", "-c", "%n %u:%g %a", "/d", "/d/file", "/bin/sh", "/"]' --arg tar "$T/image.tar"
	run minirun run --bundle "$BUNDLE" "$ID"
	expect_output $'/d 3:4 755\n/d/file 3:4 640\n/bin/sh 0:0 777\n/ 0:0 755'
}

@test "an id that the container does not have is one line, and no archive" {
	mkdir "$T/layer"
	touch "$T/layer/stranger"
	chown 70000 "$T/layer/stranger"
	make_mapped_bundle '.root.overlay.lower = [$layer, $image] | .process.args = ["touch", "/new"]' \
		--arg layer "$T/layer" --arg image "$IMAGE"
	minirun run --keep --bundle "$BUNDLE" "$ID"
	run minirun commit "$ID" "$T/out.tar"
	expect_status 1
	expect_one_line
	expect_match "'./stranger': user [0-9]+ has no id in the container's user namespace"
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	chown 50 "$DATA"/containers/*/upper/new
	run minirun commit --diff "$ID" "$T/out.tar"
	expect_status 1
	expect_one_line
	expect_text "'./new': user 50 has no id in the container's user namespace"
	expect_absent "$T/out.tar"
}

@test "500 layers, the most there can be, are mapped too" {
	local lowers
	mkdir -p "$T"/layers/{1..499}
	for layer in {1..499}; do echo "$layer" >"$T/layers/$layer/of-$layer"; done
	lowers=$(printf '%s\n' "$T"/layers/{1..499} | jq -R . | jq -s .)
	make_mapped_bundle '.root.overlay.lower = $lowers + [$image] |
		.process.args = ["sh", "-c", "rm /of-499; touch /new"]' --argjson lowers "$lowers" --arg image "$IMAGE"
	minirun run --keep --bundle "$BUNDLE" "$ID"
	minirun commit --quiet "$ID" "$T/merged.tar"
	minirun commit --quiet --diff "$ID" "$T/diff.tar"
	tar_py state "$T/merged.tar" >"$T/merged"
	tar_py apply "$T/diff.tar" "$T"/layers/{1..499} "$IMAGE" | diff - "$T/merged"
	grep -q '^./of-498 file' "$T/merged"
	grep -q '^./new file' "$T/merged"
}
