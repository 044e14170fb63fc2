/** What users meet of files: somebody else may be writing. */
@NullMarked
package org.amend4j.file;

import org.jspecify.annotations.NullMarked;
