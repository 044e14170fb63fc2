/** The {@code amend4j} command line. */
@NullMarked
package org.amend4j.app.cli;

import org.jspecify.annotations.NullMarked;
