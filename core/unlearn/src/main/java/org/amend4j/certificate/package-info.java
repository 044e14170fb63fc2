/** The document that states what was deleted, what was proved about it, and every number needed to check this. */
@NullMarked
package org.amend4j.certificate;

import org.jspecify.annotations.NullMarked;
