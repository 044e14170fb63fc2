/** The {@code amend4j} command line. */
@NullMarked
package org.amend4j.examples.cli;

import org.jspecify.annotations.NullMarked;
