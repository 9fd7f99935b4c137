// Runs all tests, or those whose name holds one of the words given.
import { runAll } from './lib.mjs';
import './journeys.mjs';
import './pages.mjs';
import './forms.mjs';
import './application.mjs';
import './live.mjs';

await runAll(process.argv.slice(2));
