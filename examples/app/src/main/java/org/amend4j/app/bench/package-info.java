/** How fast this machine, or its card, does what amend4j is for, beside what it could do. */
@NullMarked
package org.amend4j.app.bench;

import org.jspecify.annotations.NullMarked;
