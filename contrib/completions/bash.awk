# The tables of the completion of bash; bash.tail is what reads them.
BEGIN { FS = "|" }

$1 == "verb" { verbs = verbs " " $2; operands = operands "\t" $2 ") echo '" $3 "' ;;\n" }

$1 == "option" {
	if (!($2 in options))
		order[++count] = $2
	options[$2] = options[$2] " --" $4
	if ($5 == "none")
		next
	value = $5 == "choice" ? $6 : "@" $5
	values = values "\t'" $2 " --" $4 "'" ($3 == "" ? "" : " | '" $2 " -" $3 "'") \
		") echo '" value "' ;;\n"
}

END {
	print "_minirun_verbs='" substr(verbs, 2) "'\n"
	print "_minirun_options() { # VERB\n\tcase $1 in"
	for (i = 1; i <= count; i++)
		print "\t'" order[i] "') echo '" substr(options[order[i]], 2) "' ;;"
	print "\tesac\n}\n"
	print "_minirun_value() { # VERB OPTION\n\tcase \"$1 $2\" in\n" values "\tesac\n}\n"
	print "_minirun_operands() { # VERB\n\tcase $1 in\n" operands "\tesac\n}\n"
	while ((getline text < tail) > 0)
		print text
}
