#include "metrics/page.h"
