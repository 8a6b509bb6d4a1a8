# The completion of fish: a line for each verb and option.
BEGIN { FS = "|" }

function quoted(text) {
	gsub(/\\/, "\\\\", text)
	gsub(/'/, "\\'", text)
	return "'" text "'"
}

$1 == "verb" { operands[$2] = $3; help[$2] = $4; verbs = verbs " " $2; order[++count] = $2 }

$1 == "option" && $2 == "" && $5 != "none" { valued = valued " --" $4 }

$1 == "option" {
	if ($4 == "bundle")
		makes[$2] = 1
	line[++lines] = ($3 == "" ? "" : " -s " $3) " -l " $4
	verb_of[lines] = $2
	if ($5 == "directory")
		line[lines] = line[lines] " -x -a '(__fish_complete_directories)'"
	else if ($5 == "file")
		line[lines] = line[lines] " -r -F"
	else if ($5 == "choice")
		line[lines] = line[lines] " -x -a " quoted($6)
	else if ($5 == "text")
		line[lines] = line[lines] " -x"
	line[lines] = line[lines] " -d " quoted($7)
}

END {
	print "set -g __minirun_valued" valued
	while ((getline text < tail) > 0)
		print text
	for (i = 1; i <= count; i++)
		print "complete -c minirun -n " verb_is("") " -a " order[i] " -d " quoted(help[order[i]])
	for (i = 1; i <= lines; i++)
		print "complete -c minirun -n " verb_is(verb_of[i]) line[i]
	for (i = 1; i <= count; i++) {
		verb = order[i]
		if (operands[verb] ~ /^ID/ && !makes[verb])
			print "complete -c minirun -n " verb_is(verb) " -a '(__minirun_ids)'"
		if (operands[verb] ~ /TARGET|IMAGE|BUNDLE/)
			print "complete -c minirun -n " verb_is(verb) " -F"
	}
}

function verb_is(verb) {
	return "'__minirun_verb_is " (verb == "" ? "none" : verb) "'"
}
