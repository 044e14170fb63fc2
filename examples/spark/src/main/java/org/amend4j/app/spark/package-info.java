/** The command line on a Spark cluster. */
@NullMarked
package org.amend4j.app.spark;

import org.jspecify.annotations.NullMarked;
