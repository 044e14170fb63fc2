/** The document that says what a deletion was, what was proved about it, and every number needed to check that again. */
@NullMarked
package org.amend4j.certificate;

import org.jspecify.annotations.NullMarked;
