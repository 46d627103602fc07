import '../../widgets/style/frame.css';
import '../../widgets/style/controls.css';
import '../../widgets/style/words.css';
import '../../widgets/style/views.css';
import './panel.css';
