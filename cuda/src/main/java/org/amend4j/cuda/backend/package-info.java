/** What training and objectives are computed on, and what happens to networks that a device does not support. */
@NullMarked
package org.amend4j.cuda.backend;

import org.jspecify.annotations.NullMarked;
