/** Failures of files that users meet: another process may be writing. */
@NullMarked
package org.amend4j.file;

import org.jspecify.annotations.NullMarked;
