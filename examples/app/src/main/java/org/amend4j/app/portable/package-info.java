/** The command line as an archive for a machine that has only a JDK. */
@NullMarked
package org.amend4j.app.portable;

import org.jspecify.annotations.NullMarked;
