import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import globals from "globals";

export default defineConfig([
  globalIgnores(["**/.venv/"]),
  js.configs.recommended,
  {
    rules: {
      eqeqeq: "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "no-var": "error",
      "prefer-const": "error",
      "no-else-return": "error",
      "object-shorthand": "error",
    },
  },
  {
    files: ["core/ui/**/*.js"],
    languageOptions: { globals: globals.browser },
  },
  {
    files: ["core/ui/components/**/*.js"],
    rules: {
      "no-restricted-imports": [
        "error",
        { patterns: [{ regex: "^\\.\\./(?!kit/)", message: "A component knows the kit and no other component." }] },
      ],
    },
  },
  {
    files: ["tests/js/**/*.js"],
    languageOptions: { globals: globals.node },
  },
  {
    files: ["core/ui/components/kit/*.js"],
    rules: {
      "no-restricted-imports": ["error", { patterns: [{ regex: "^\\.\\.", message: "The kit knows no component." }] }],
    },
  },
]);
