/** Where jobs and devices meet. */
@NullMarked
package org.amend4j.examples.compute;

import org.jspecify.annotations.NullMarked;
