/** The unlearning demo: subjects of RAND HIE ask to be forgotten. */
@NullMarked
package org.amend4j.app.unlearn;

import org.jspecify.annotations.NullMarked;
