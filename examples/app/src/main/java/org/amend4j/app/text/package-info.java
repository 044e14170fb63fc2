/** Texts that models learn from: files, tokens of them, batches. */
@NullMarked
package org.amend4j.app.text;

import org.jspecify.annotations.NullMarked;
