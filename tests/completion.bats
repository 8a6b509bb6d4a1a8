#!/usr/bin/env bats
# What the shells offer, by the files that make installs. A shell that is not there is a skip.
# shellcheck disable=SC2016 # what stands in single quotes is for another shell

load lib/bundle

setup() {
	bundle_setup
	mkdir "$BATS_TEST_TMPDIR/bin"
	ln -s "$MINIRUN" "$BATS_TEST_TMPDIR/bin/minirun"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
	for shell in bash zsh fish; do
		"$srcdir/contrib/completions/generate" "$shell" "$MINIRUN" \
			>"$BATS_TEST_TMPDIR/$shell"
	done
}

# What bash offers for the last of the words, a line each.
offered() { # WORD...
	bash --norc -c 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
		_minirun && printf "%s\n" "${COMPREPLY[@]}"' "$BATS_TEST_TMPDIR/bash" minirun "$@"
}

offered_by_fish() { # LINE
	fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$BATS_TEST_TMPDIR/fish" "$1" |
		cut -f1
}

# The specifications that zsh's _arguments is given for a verb.
specified_to_zsh() { # VERB
	zsh -f -c '_arguments() {
			if [[ $1 = -C ]]; then state=argument line=('"$1"'); return 1; fi
			print -l -- "$@"
		}
		source $1' zsh "$BATS_TEST_TMPDIR/zsh"
}

@test "bash: every verb that help lists is offered, and every option of each" {
	run offered ''
	expect_output "$("$MINIRUN" --help | sed -n '/^Verbs:/,/^$/s/^  \([a-z]*\) .*/\1/p')"
	for verb in $output; do
		run offered "$verb" --
		expect_output "$("$MINIRUN" "$verb" --help | sed -nE 's/^  .{4}(--[a-z0-9-]+).*/\1/p')"
	done
	run offered --log-format json --cg
	expect_output --cgroup-manager
}

@test "bash: choices, also behind an equals sign, and after options with values" {
	run offered ps --format ''
	expect_output $'table\njson'
	run offered --log /x ps -f j
	expect_output json
	run offered --log-format = j
	expect_output json
	run offered --log-format =
	expect_output $'text\njson'
	run offered --cgroup-manager c
	expect_output cgroupfs
}

@test "bash: the containers of the given root, a signal, and no id for one to be made" {
	make_bundle
	start_idle
	run offered --root "$ROOT" state ''
	expect_output "$ID"
	run offered --root = "$ROOT" kill --all "$ID" TER
	expect_output TERM
	run offered --root "$ROOT" run ''
	expect_output ''
	run offered --root "$ROOT" state "$ID" ''
	expect_output ''
}

@test "bash: files and directories where an option takes one" {
	mkdir "$BATS_TEST_TMPDIR/here"
	: >"$BATS_TEST_TMPDIR/here/file"
	mkdir "$BATS_TEST_TMPDIR/here/folder"
	cd "$BATS_TEST_TMPDIR/here"
	run offered exec --process f
	expect_output $'file\nfolder'
	run offered run --bundle f
	expect_output folder
	run offered check f
	expect_output folder
}

@test "fish: verbs, options, choices and ids" {
	requires "no fish" command -v fish
	make_bundle
	start_idle
	run offered_by_fish 'minirun pa'
	expect_output pause
	run offered_by_fish 'minirun --root /x kill --a'
	expect_output --all
	run offered_by_fish 'minirun ps --format '
	expect_output $'json\ntable'
	run offered_by_fish "minirun --root $ROOT state test-"
	expect_output "$ID"
	run offered_by_fish "minirun --root $ROOT run test-"
	expect_output ''
}

@test "zsh: options, choices, files and ids are specified" {
	requires "no zsh" command -v zsh
	run specified_to_zsh ps
	expect_text '*--format=[table or json]:value:(table json)' '*-f+[table or json]:' \
		':id:_minirun_ids'
	run specified_to_zsh create
	expect_text ':directory:_directories' ':id: '
	[[ $output != *_minirun_ids* ]]
}
