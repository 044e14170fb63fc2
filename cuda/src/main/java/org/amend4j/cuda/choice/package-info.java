/** Which device a program computes on, and why. */
@NullMarked
package org.amend4j.cuda.choice;

import org.jspecify.annotations.NullMarked;
