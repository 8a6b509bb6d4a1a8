# The completion of zsh, by _arguments.
BEGIN { FS = "|" }

function quoted(text) {
	gsub(/'/, "'\\''", text)
	return "'" text "'"
}

function action(kind, choices) {
	if (kind == "directory")
		return ":directory:_directories"
	if (kind == "file")
		return ":file:_files"
	if (kind == "choice")
		return ":value:(" choices ")"
	return kind == "text" ? ":value: " : ""
}

function operand(word, makes) {
	if (word == "ID")
		return makes ? ":id: " : ":id:_minirun_ids"
	if (word ~ /SIGNAL/)
		return ":signal:_signals"
	if (word ~ /BUNDLE/)
		return ":bundle:_directories"
	return word ~ /TARGET|IMAGE/ ? ":file:_files" : ":word: "
}

$1 == "verb" {
	order[++count] = $2
	operands[$2] = $3
	described = described "\t\t" quoted($2 ":" $4) "\n"
}

$1 == "option" {
	help = $7
	gsub(/:/, "\\:", help)
	gsub(/\[/, "\\[", help)
	gsub(/\]/, "\\]", help)
	if ($4 == "bundle")
		makes[$2] = 1
	equals = $5 == "none" ? "" : "="
	specs[$2] = specs[$2] " \\\n\t\t\t" quoted("*--" $4 equals "[" help "]" action($5, $6))
	if ($3 != "")
		specs[$2] = specs[$2] " \\\n\t\t\t" quoted("*-" $3 (equals ? "+" : "") "[" help "]" action($5, $6))
}

END {
	print "_minirun_ids() {\n\tlocal -a ids root"
	print "\t(( ! $+opt_args[--root] )) || root=(--root ${(Q)opt_args[--root]})"
	print "\t(( ! $#minirun_root )) || root=($minirun_root)"
	print "\tids=(${(f)\"$(minirun $root list -q 2>/dev/null)\"})"
	print "\tcompadd -a ids\n}\n"
	print "_minirun_verbs() {\n\tlocal -a verbs\n\tverbs=(\n" described "\t)"
	print "\t_describe verb verbs\n}\n"
	print "_minirun() {\n\tlocal curcontext=$curcontext context state line\n\tlocal -a minirun_root"
	print "\ttypeset -A opt_args"
	print "\t_arguments -C" specs[""] " \\\n\t\t\t':verb:_minirun_verbs' '*::argument:->argument' && return"
	print "\t[[ $state = argument ]] || return"
	print "\t(( ! $+opt_args[--root] )) || minirun_root=(--root ${(Q)opt_args[--root]})"
	print "\tcase $line[1] in"
	for (i = 1; i <= count; i++) {
		verb = order[i]
		printf "\t%s)\n\t\t_arguments%s", verb, specs[verb]
		words = split(operands[verb], word, " ")
		for (j = 1; j <= words && word[j] !~ /COMMAND|--|PS_OPTION/; j++)
			printf " \\\n\t\t\t%s", quoted((word[j] ~ /^\[/ ? ":" : "") operand(word[j], makes[verb]))
		print "\n\t\t;;"
	}
	print "\tesac\n}\n\n_minirun \"$@\""
}
