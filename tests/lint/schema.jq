# What print_tables prints, out of a schema: every JSON path with its type.
def resolve($root):
	if has("allOf") then .allOf[0] | resolve($root)
	elif has("$ref") then (."$ref" | ltrimstr("#/definitions/")) as $name
		| if $name == "int64" or $name == "uint64" or $name == "refused"
		  then { named: $name } else $root.definitions[$name] | resolve($root) end
	else . end;

def lines($root; $path):
	resolve($root)
	| if has("named") then "\($path) \(.named)"
	elif .type == "integer" then "\($path) integer \(.minimum) \(.maximum)"
	elif .type == "array" then "\($path) array", (.items | lines($root; $path + "[]"))
	elif .type == "object" then
		(if $path == "" then empty else "\($path) object" end),
		(if $path == "" then "" else $path + "." end) as $prefix
		| ((.required // [])[] | "\($prefix)\(.) required"),
		  ((.properties // {}) | to_entries[] | .key as $key
			| .value | lines($root; $prefix + $key)),
		  (if .additionalProperties | type == "object"
		   then .additionalProperties | lines($root; $prefix + "*") else empty end)
	else "\($path) \(.type)" end;

. as $root | lines($root; "")
